/**
 * Darkroom for TypeScript and JavaScript: Node, browsers, Workers.
 *
 * @example
 * import { Darkroom } from 'darkroom-client';
 * const { images } = await new Darkroom({ url: 'http://127.0.0.1:8787' }).generate({ prompt: 'a cat' });
 */
export type { AskOptions } from './asking.ts';
export { Darkroom, type DarkroomOptions, type Likeness, type SimilarOptions } from './darkroom.ts';
export type { TypedDocument } from './document.ts';
export {
  CancelledError,
  ConnectionError,
  type DarkroomError,
  FailedError,
  InputError,
  isDarkroomError,
  PromptError,
  ProtocolError,
  RequestError,
  RetryLaterError,
} from './errors.ts';
export { hasEnded } from './following.ts';
export type { Handle, Result } from './handle.ts';
export { idempotencyKey } from './idempotency-key.ts';
export type { Classification, Compression, Embeddings, LaboratoryOptions, Reconstruction } from './laboratory.ts';
export type { Page, PageOptions } from './page.ts';
export type { Picture } from './pictures.ts';
export type * from './types.ts';
