import { canonicalJson } from './canonical-json.ts';
import type { ContactSheetInput } from './contact-sheet-input.ts';
import type { GenerationStart, Idempotency, InputIssue } from './context.ts';
import type { GenerateInput } from './generate-input.ts';

/** The most characters of an idempotency key. */
export const MOST_KEY_CHARACTERS = 255;

/** What is wrong with an idempotency key. */
export function keyIssues(key: string | null | undefined): readonly InputIssue[] {
  if (key == null) return [];
  const refuse = (fault: string) => [{ path: ['input', 'idempotencyKey'], message: `idempotencyKey ${fault}` }];
  if (key === '') return refuse(`is empty: 1 to ${MOST_KEY_CHARACTERS} characters`);
  // What is no text would be stored as another text, and two keys would be one.
  if (!key.isWellFormed()) return refuse('has half a character, a lone surrogate');
  const characters = [...key].length;
  return characters > MOST_KEY_CHARACTERS ? refuse(`has ${characters} characters: at most ${MOST_KEY_CHARACTERS}`) : [];
}

/**
 * The key of an input together with what tells it from others: everything that was asked for, in words that are the same
 * however it was written down. What the server has filled in is not part of it: a seed that is drawn anew, or a default
 * that has changed, must not make a request that is sent again another one.
 *
 * @param start what was read: a picture is named by what it is, not by how it was sent
 */
export function idempotencyOf(input: GenerateInput, start: GenerationStart | null): Idempotency | null {
  return named(input.idempotencyKey, { ...input, idempotencyKey: null, wait: null, start });
}

/** The same for a contact sheet. */
export function sheetIdempotencyOf(input: ContactSheetInput, start: GenerationStart | null): Idempotency | null {
  const base = { ...input.base, start };
  return named(input.idempotencyKey, { ...input, base, idempotencyKey: null, wait: null });
}

function named(key: string | null | undefined, asked: object): Idempotency | null {
  return key == null ? null : { key, input: canonicalJson(withoutNulls(asked)) };
}

/** At every depth. In an input, null is the same as absent. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item != null);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutNulls(item)]));
}
