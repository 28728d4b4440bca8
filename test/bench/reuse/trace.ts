/** A trace: requests in the order in which people made them, with what each asks to see. */
import { readFileSync } from 'node:fs';
import { changesBetween, type Scene, type SceneWriter } from './scenes.ts';

export type Kind = 'new' | 'repeat' | 'paraphrase' | 'edit';

export interface Request extends Scene {
  readonly kind: Kind;
  readonly prompt: string;
  /** Null: drawn by whoever answers. */
  readonly seed: number | null;
}

/** A file that is no trace. The message names the request and the field. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/** @throws TraceError */
export function readTrace(file: string): readonly Request[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new TraceError(`${file} cannot be read: ${(error as Error).message}`);
  }
  if (!Array.isArray(content) || content.length === 0) throw new TraceError(`${file} is not a list of requests`);
  return content.map((each, i) => requestIn(each, `${file}, request ${i}`));
}

function requestIn(value: Partial<Request> | null, where: string): Request {
  const expect = (isSo: boolean, field: keyof Request, expected: string) => {
    if (!isSo) throw new TraceError(`${where}: ${field} is ${JSON.stringify(value?.[field])}, expected ${expected}`);
  };
  const { kind, prompt, seed = null, things, relation = null, background } = value ?? {};
  expect(['new', 'repeat', 'paraphrase', 'edit'].includes(kind!), 'kind', 'new, repeat, paraphrase or edit');
  expect(typeof prompt === 'string' && prompt !== '', 'prompt', 'a text');
  expect(seed === null || (Number.isSafeInteger(seed) && seed >= 0), 'seed', 'null or a whole number from 0 on');
  const names = Array.isArray(things) && things.every(thing => typeof thing === 'string');
  expect(names && (things.length === 1 || things.length === 2), 'things', 'one name or two');
  const placed =
    relation === null ? things!.length === 1 : ['left', 'above'].includes(relation) && things!.length === 2;
  expect(placed, 'relation', 'left or above of two things, null of one');
  expect(typeof background === 'string', 'background', 'a colour');
  return { kind: kind!, prompt: prompt!, seed, things: things!, relation, background: background! };
}

/**
 * A trace and `more` requests of the same make: kinds and seeds as often as in it; repeats, paraphrases and edits of
 * anything that was asked for before, as often as that was asked for.
 */
export function lengthened(trace: readonly Request[], more: number, writer: SceneWriter): readonly Request[] {
  const fresh = trace.filter(({ kind }) => kind === 'new');
  const seeded = fresh.filter(({ seed }) => seed !== null).length / Math.max(1, fresh.length);
  const all = [...trace];
  for (let i = 0; i < more; i++) {
    const kind = writer.pick(trace).kind;
    all.push(next(kind, writer.pick(all), seeded, writer));
  }
  return all;
}

function next(kind: Kind, of: Request, seeded: number, writer: SceneWriter): Request {
  switch (kind) {
    case 'repeat':
      return { ...of, kind };
    case 'paraphrase':
      return { ...of, kind, prompt: writer.paraphrase(of) };
    case 'edit': {
      const scene = writer.chance() < 0.4 ? writer.withColour(of) : writer.withThing(of);
      return { ...of, ...scene, kind, prompt: writer.plain(scene) };
    }
    case 'new': {
      const scene = writer.scene();
      return { ...scene, kind, prompt: writer.plain(scene), seed: writer.chance() < seeded ? writer.seed() : null };
    }
  }
}

/** Prompts that others say otherwise, those first of which most others were asked for: the likeliest to be spared steps. */
export function mostSaidOtherwise(trace: readonly Request[], count: number): readonly Request[] {
  const others = (request: Request) =>
    trace.filter(each => {
      const { colour, things, side } = changesBetween(each, request);
      const isSame = !colour && !side && things.length === 0 && each.relation === request.relation;
      return isSame && each.prompt !== request.prompt;
    }).length;
  const prompts = [...new Map(trace.map(each => [each.prompt, each])).values()];
  return prompts
    .map(request => ({ request, others: others(request) }))
    .toSorted((a, b) => b.others - a.others)
    .slice(0, count)
    .map(({ request }) => request);
}
