/** Reads a plan that came over the wire. What it returns is built anew: nothing of the input is kept that was not asked for. */
import type {
  DecodePlan,
  DenoisePlan,
  EmbedPlan,
  ImageEncodePlan,
  Plan,
  ScorePlan,
  SizesPlan,
  StagePlan,
  StartPlan,
  TextEncodePlan,
} from './plan.ts';

/** What any backend refuses, whatever the checkpoint. A checkpoint's card may be stricter. */
export const planLimits = {
  stages: 8,
  returns: 16,
  seeds: 64,
  steps: 1000,
  /** Pixels of width or height. */
  side: 4096,
  /** Pixels of all pictures of a plan together. */
  pixels: 4096 * 4096,
  /** Pixels of a side that a model is only told of. */
  toldSide: 16_384,
  /** Text encoders, and tokens for each. */
  encoders: 4,
  tokens: 1024,
  /** Texts to embed. */
  texts: 256,
  /** x_t of one run to be kept. */
  keptSteps: 8,
  schedulerKeys: 64,
  schedulerList: 1000,
  schedulerText: 256,
} as const;

/** A plan that cannot be read. The message begins with the path of what is wrong, e.g. `stages[1].steps`. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
  readonly path: string;
  constructor(path: string, problem: string) {
    super(path === '' ? `the plan ${problem}` : `${path} ${problem}`);
    this.path = path;
  }
}

/**
 * Checks a plan's form: every field there, of its type and within {@link planLimits}, and no other field.
 * @throws PlanError naming the first field that is wrong
 */
export function parsePlan(value: unknown): Plan {
  const fields = new Fields(value, '', ['version', 'checkpoint', 'stages', 'returns']);
  if (fields.get('version') !== 1) throw new PlanError('version', 'is not 1, the only version known');
  const stages = fields.list('stages', 1, planLimits.stages).map((stage, i) => parseStage(stage, `stages[${i}]`));
  const repeated = stages.find(({ stage }, i) => stages.findIndex(other => other.stage === stage) < i);
  if (repeated) throw new PlanError('stages', `hold ${repeated.stage} more than once`);
  return {
    version: 1,
    checkpoint: fields.text('checkpoint', /^[0-9a-f]{64}$/, 'is not a SHA-256 in lower-case hex'),
    stages,
    returns: fields.list('returns', 0, planLimits.returns).map((name, i) => parseTensorName(name, `returns[${i}]`)),
  };
}

function parseStage(value: unknown, path: string): StagePlan {
  const stage = isRecord(value) ? own(value, 'stage') : undefined;
  switch (stage) {
    case 'TEXT_ENCODE':
      return parseTextEncode(value, path);
    case 'IMAGE_ENCODE':
      return parseImageEncode(value, path);
    case 'DENOISE':
      return parseDenoise(value, path);
    case 'DECODE':
      return parseDecode(value, path);
    case 'EMBED':
      return parseEmbed(value, path);
    case 'SCORE':
      return parseScore(value, path);
    default:
      throw new PlanError(`${path}.stage`, 'is not one of TEXT_ENCODE, IMAGE_ENCODE, DENOISE, DECODE, EMBED, SCORE');
  }
}

function parseTextEncode(value: unknown, path: string): TextEncodePlan {
  const fields = new Fields(value, path, ['stage', 'tokenIds', 'negativeTokenIds', 'clipSkip']);
  return {
    stage: 'TEXT_ENCODE',
    tokenIds: parseTokenIds(fields, 'tokenIds', 1),
    negativeTokenIds: fields.get('negativeTokenIds') === null ? null : parseTokenIds(fields, 'negativeTokenIds', 0),
    clipSkip: fields.get('clipSkip') === null ? null : fields.integer('clipSkip', 0, 64),
  };
}

function parseImageEncode(value: unknown, path: string): ImageEncodePlan {
  new Fields(value, path, ['stage']);
  return { stage: 'IMAGE_ENCODE' };
}

function parseTokenIds(fields: Fields, name: string, least: number): number[][] {
  return asTokenIds(fields.get(name), fields.path(name), least);
}

/** A list of token ids for each text encoder. */
function asTokenIds(value: unknown, path: string, least: number): number[][] {
  return asList(value, path, least, planLimits.encoders).map((ids, i) => {
    const list = asList(ids, `${path}[${i}]`, 1, planLimits.tokens);
    return list.map((id, j) => asInteger(id, `${path}[${i}][${j}]`, 0, 2 ** 31 - 1));
  });
}

const optionalInDenoise = ['start', 'sizes', 'resumeAt', 'resumeDraws', 'keepAt', 'checkpointEvery', 'preview'];

function parseDenoise(value: unknown, path: string): DenoisePlan {
  const needed = ['stage', 'seeds', 'width', 'height', 'steps', 'guidanceScale', 'guidanceRescale', 'eta', 'scheduler'];
  const fields = new Fields(value, path, needed, optionalInDenoise);
  const seeds = fields.list('seeds', 1, planLimits.seeds);
  const width = fields.integer('width', 8, planLimits.side);
  const height = fields.integer('height', 8, planLimits.side);
  if (width * height * seeds.length > planLimits.pixels) {
    throw new PlanError(path, `asks for ${width * height * seeds.length} pixels, at most ${planLimits.pixels}`);
  }
  return {
    stage: 'DENOISE',
    seeds: seeds.map((seed, i) => asInteger(seed, `${fields.path('seeds')}[${i}]`, 0, 2 ** 32 - 1)),
    width,
    height,
    steps: fields.integer('steps', 1, planLimits.steps),
    guidanceScale: fields.number('guidanceScale', 0, 1000),
    guidanceRescale: fields.number('guidanceRescale', 0, 1),
    eta: fields.number('eta', 0, 1),
    scheduler: parseScheduler(fields.get('scheduler'), fields.path('scheduler')),
    ...(fields.has('start') && { start: parseStart(fields.get('start'), fields.path('start')) }),
    ...(fields.has('resumeAt') && {
      resumeAt: fields.get('resumeAt') === null ? null : fields.integer('resumeAt', 1, planLimits.steps * 2),
    }),
    ...(fields.has('resumeDraws') && {
      resumeDraws: fields.get('resumeDraws') === null ? null : fields.integer('resumeDraws', 1, planLimits.steps * 3),
    }),
    ...(fields.has('checkpointEvery') && {
      checkpointEvery: fields.integer('checkpointEvery', 1, planLimits.steps * 2),
    }),
    ...(fields.has('preview') && { preview: fields.boolean('preview') }),
    ...(fields.has('keepAt') && {
      keepAt: fields.list('keepAt', 0, planLimits.keptSteps).map((call, i) => {
        return asInteger(call, `${fields.path('keepAt')}[${i}]`, 1, planLimits.steps * 2);
      }),
    }),
    ...(fields.has('sizes') && { sizes: parseSizes(fields.get('sizes'), fields.path('sizes')) }),
  };
}

function parseStart(value: unknown, path: string): StartPlan | null {
  return value === null ? null : { strength: new Fields(value, path, ['strength']).number('strength', 0, 1) };
}

function parseSizes(value: unknown, path: string): SizesPlan | null {
  if (value === null) return null;
  const fields = new Fields(value, path, ['originalSize', 'cropTopLeft', 'targetSize']);
  const pair = (name: string, least: number): [number, number] | null => {
    if (fields.get(name) === null) return null;
    const list = fields.list(name, 2, 2).map((side, i) => {
      return asInteger(side, `${fields.path(name)}[${i}]`, least, planLimits.toldSide);
    });
    return list as [number, number];
  };
  return {
    originalSize: pair('originalSize', 1),
    cropTopLeft: pair('cropTopLeft', 0),
    targetSize: pair('targetSize', 1),
  };
}

function parseDecode(value: unknown, path: string): DecodePlan {
  new Fields(value, path, ['stage']);
  return { stage: 'DECODE' };
}

function parseEmbed(value: unknown, path: string): EmbedPlan {
  const fields = new Fields(value, path, ['stage', 'texts']);
  const texts = fields.list('texts', 0, planLimits.texts);
  return { stage: 'EMBED', texts: texts.map((text, i) => asTokenIds(text, `${fields.path('texts')}[${i}]`, 1)) };
}

function parseScore(value: unknown, path: string): ScorePlan {
  new Fields(value, path, ['stage']);
  return { stage: 'SCORE' };
}

/** A flat diffusers config. The scheduler itself says which keys and values it knows. */
function parseScheduler(value: unknown, path: string): Record<string, unknown> {
  if (!isRecord(value)) throw new PlanError(path, 'is not an object');
  const entries = Object.entries(value);
  if (entries.length > planLimits.schedulerKeys) {
    throw new PlanError(path, `has ${entries.length} keys, at most ${planLimits.schedulerKeys}`);
  }
  for (const [key, setting] of entries) {
    if (!/^_?[a-z][a-z0-9_]{0,63}$/.test(key) || key in Object.prototype) {
      throw new PlanError(path, 'has a key that is no name of a setting');
    }
    const known = Array.isArray(setting)
      ? setting.length <= planLimits.schedulerList && setting.every(isPlain)
      : isPlain(setting);
    if (!known) throw new PlanError(`${path}.${key}`, 'is not a text, number, boolean, null, or a list of them');
  }
  if (typeof value._class_name !== 'string') throw new PlanError(`${path}._class_name`, 'is missing');
  return Object.fromEntries(entries);
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= planLimits.schedulerText;
  return value === null || typeof value === 'boolean' || Number.isFinite(value);
}

function parseTensorName(value: unknown, path: string): string {
  if (typeof value === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(value) && !(value in Object.prototype)) return value;
  throw new PlanError(path, 'is not the name of a tensor');
}

/** The fields of an object that has these, perhaps the optional ones, and no others. */
class Fields {
  readonly #record: Record<string, unknown>;
  readonly #path: string;

  constructor(value: unknown, path: string, names: readonly string[], optional: readonly string[] = []) {
    if (!isRecord(value)) throw new PlanError(path, 'is not an object');
    this.#record = value;
    this.#path = path;
    // An unknown field may matter to whoever sent it: ignoring it would compute something else.
    for (const name of Object.keys(value)) {
      if (!names.includes(name) && !optional.includes(name))
        throw new PlanError(path, `has the unknown field ${JSON.stringify(name.slice(0, 64))}`);
    }
    for (const name of names) if (!Object.hasOwn(value, name)) throw new PlanError(this.path(name), 'is missing');
  }

  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#record, name);
  }

  get(name: string): unknown {
    return own(this.#record, name);
  }

  list(name: string, least: number, most: number): readonly unknown[] {
    return asList(this.get(name), this.path(name), least, most);
  }

  integer(name: string, least: number, most: number): number {
    return asInteger(this.get(name), this.path(name), least, most);
  }

  number(name: string, least: number, most: number): number {
    const value = this.get(name);
    if (typeof value === 'number' && value >= least && value <= most) return value;
    throw new PlanError(this.path(name), `is not a number from ${least} to ${most}`);
  }

  boolean(name: string): boolean {
    const value = this.get(name);
    if (typeof value === 'boolean') return value;
    throw new PlanError(this.path(name), 'is not true or false');
  }

  text(name: string, pattern: RegExp, problem: string): string {
    const value = this.get(name);
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw new PlanError(this.path(name), problem);
  }
}

function asList(value: unknown, path: string, least: number, most: number): readonly unknown[] {
  if (Array.isArray(value) && value.length >= least && value.length <= most) return value;
  throw new PlanError(path, `is not a list of ${least} to ${most}`);
}

function asInteger(value: unknown, path: string, least: number, most: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  throw new PlanError(path, `is not an integer from ${least} to ${most}`);
}

function own(record: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
