import type { CheckpointCard } from '../../../wire/card.ts';

/** A checkpoint's name with the beginning of its digest, as the web UI shows it. */
export function titleOf({ name, digest }: Pick<CheckpointCard, 'name' | 'digest'>): string {
  return `${name} [${digest.slice(0, 10)}]`;
}

/** The name in a title; a name alone is one. */
export function nameOf(title: string): string {
  return title.replace(/ \[[0-9a-f]{10}\]$/, '');
}

/** `GET /sdapi/v1/sd-models` */
export function sdModels(cards: readonly CheckpointCard[]) {
  return cards.map(card => ({
    title: titleOf(card),
    model_name: card.name,
    hash: card.digest.slice(0, 10),
    sha256: card.digest,
    // There is no path that would mean anything to a caller.
    filename: card.name,
    config: null,
  }));
}
