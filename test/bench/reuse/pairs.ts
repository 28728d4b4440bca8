/** Pairs of prompts, from what is nearly the same to what has nothing in common. */
import type { Scene, SceneWriter } from './scenes.ts';

export const kinds = ['paraphrase', 'colour', 'thing', 'side', 'ground', 'other'] as const;

/**
 * paraphrase: other words for the same. colour: another background. thing: one thing in place of another, where there are
 * two. side: the two the other way round. ground: nothing in common but the background. other: nothing.
 */
export type PairKind = (typeof kinds)[number];

export interface Pair {
  readonly kind: PairKind;
  /** What the run shows of which the second one takes steps. */
  readonly from: Scene;
  readonly to: Scene;
  readonly prompts: readonly [string, string];
  readonly seed: number;
}

export function pairsOf(wanted: readonly PairKind[], count: number, writer: SceneWriter): readonly Pair[] {
  return Array.from({ length: count }, () => wanted.map(kind => pairOf(kind, writer))).flat();
}

function pairOf(kind: PairKind, writer: SceneWriter): Pair {
  const from = writer.scene(kind === 'side' || kind === 'thing' ? true : undefined);
  const to = changed(kind, from, writer);
  // Half of what is changed is said in other words, too: people do not repeat themselves.
  const isSaidOtherwise = kind === 'paraphrase' || writer.chance() < 0.5;
  const prompts = [writer.plain(from), isSaidOtherwise ? writer.paraphrase(to) : writer.plain(to)] as const;
  return { kind, from, to, prompts, seed: writer.seed() };
}

function changed(kind: PairKind, from: Scene, writer: SceneWriter): Scene {
  switch (kind) {
    case 'paraphrase':
      return from;
    case 'colour':
      return writer.withColour(from);
    case 'thing':
      return writer.withThing(from);
    case 'side':
      return writer.withSide(from);
    case 'ground':
    case 'other': {
      const other = writer.scene(from.things.length === 2);
      if (other.things.some(thing => from.things.includes(thing))) return changed(kind, from, writer);
      return kind === 'ground'
        ? { ...other, background: from.background }
        : writer.withColour({ ...other, background: from.background });
    }
  }
}
