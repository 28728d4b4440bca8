/** The fields of `POST /v1/images/generations`: what they become, and which cannot be honoured. */
import type { ImageFormat, InputIssue } from '../../../schema/context.ts';
import { InputError } from '../../../schema/errors.ts';
import type { GenerateInput } from '../../../schema/generate-input.ts';
import type { FieldNames } from '../field-names.ts';

/** `GenerateInput` in this interface's words. Those below the line are additions to it. */
export const fieldNames = {
  prompt: 'prompt',
  checkpoint: 'model',
  count: 'n',
  width: 'size',
  height: 'size',
  // ──
  negativePrompt: 'negative_prompt',
  seed: 'seed',
  steps: 'steps',
  guidanceScale: 'guidance_scale',
  scheduler: 'scheduler',
  idempotencyKey: 'Idempotency-Key',
} as const satisfies FieldNames;

export interface ImageRequest {
  readonly input: Readonly<Partial<Record<keyof GenerateInput, unknown>>>;
  readonly format: ImageFormat;
  /** Null: both an address and the bytes, for whoever asks for neither may expect either. */
  readonly responseFormat: 'url' | 'b64_json' | null;
  readonly streams: boolean;
  /** How many of each picture on its way, 0 to 3. */
  readonly partialImages: number;
  /** What the caller says of its own user; told back, and used for nothing. */
  readonly safetyIdentifier: string | null;
}

const mostPartialImages = 3;
const mostIdentifierCharacters = 512;

/** What has one meaning here, with the values that ask for just that. */
const onlyAs: Readonly<Record<string, readonly unknown[]>> = {
  background: ['auto', 'opaque'],
  moderation: ['auto'],
  quality: ['auto', 'standard'],
};

const read = new Set([
  ...['prompt', 'model', 'n', 'size', 'negative_prompt', 'seed', 'steps', 'guidance_scale', 'scheduler'],
  ...['output_format', 'response_format', 'stream', 'partial_images', 'user', 'safety_identifier'],
]);

/** @throws InputError that names every field that cannot be honoured */
export function readImageRequest(body: Readonly<Record<string, unknown>>): ImageRequest {
  const issues: InputIssue[] = [];
  const refuse = (field: string, message: string) =>
    issues.push({ path: ['body', field], message: `${field} ${message}` });
  // Null is absent, as in the client's own types.
  const given = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
  for (const [field, value] of given) {
    const allowed = Object.hasOwn(onlyAs, field) ? onlyAs[field]! : null;
    if (allowed && !allowed.includes(value)) refuse(field, `can only be ${listed(allowed)} here`);
    if (!allowed && !read.has(field)) refuse(field.slice(0, 100), 'is nothing that this server can do');
  }
  const choice = <Value extends string>(field: string, values: readonly Value[]): Value | null => {
    const value = body[field] ?? null;
    if (value === null || values.includes(value as Value)) return value as Value | null;
    refuse(field, `can only be ${listed(values)} here`);
    return null;
  };
  const identifier = (field: string): string | null => {
    const value = body[field] ?? null;
    if (value === null || (typeof value === 'string' && value.length <= mostIdentifierCharacters)) return value;
    refuse(field, `must be a text of at most ${mostIdentifierCharacters} characters`);
    return null;
  };

  const format = choice('output_format', ['png', 'webp', 'jpeg']) ?? 'png';
  const responseFormat = choice('response_format', ['url', 'b64_json']);
  const streams = body.stream ?? false;
  if (typeof streams !== 'boolean') refuse('stream', 'must be true or false');
  if (streams === true && responseFormat === 'url') refuse('response_format', 'can only be "b64_json" with stream');
  const partialImages = body.partial_images ?? 0;
  if (!isWhole(partialImages) || partialImages > mostPartialImages) {
    refuse('partial_images', `must be a whole number from 0 to ${mostPartialImages}`);
  } else if (partialImages > 0 && streams !== true) refuse('partial_images', 'needs stream: true');
  const size = sizeOf(body.size ?? 'auto');
  if (size === null) refuse('size', 'must be "auto", or a width and a height in pixels such as "128x128"');
  const user = identifier('user');
  const safetyIdentifier = identifier('safety_identifier') || user;
  if (issues.length > 0) throw new InputError(issues);
  return {
    input: {
      prompt: body.prompt ?? null,
      negativePrompt: body.negative_prompt,
      checkpoint: body.model,
      count: body.n,
      ...size,
      seed: body.seed,
      steps: body.steps,
      guidanceScale: body.guidance_scale,
      scheduler: body.scheduler,
    },
    format: format.toUpperCase() as ImageFormat,
    responseFormat,
    streams: streams === true,
    partialImages: partialImages as number,
    safetyIdentifier,
  };
}

/** Null for what is no size; nothing of it for the checkpoint's own. */
function sizeOf(size: unknown): { readonly width?: number; readonly height?: number } | null {
  if (size === 'auto') return {};
  const [, width, height] = (typeof size === 'string' && /^(\d{1,5})x(\d{1,5})$/.exec(size)) || [];
  return width === undefined ? null : { width: Number(width), height: Number(height) };
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function listed(values: readonly unknown[]): string {
  return values.map(value => JSON.stringify(value)).join(' or ');
}
