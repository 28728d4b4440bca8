import { ClipTokenizer } from '../../models/tokenizer.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import { VocabularyAdvice } from './vocabulary-advice.ts';

/** How a checkpoint reads texts. Dear to make: a tokenizer has tens of thousands of entries. */
export class CheckpointText {
  readonly #tokenizers: readonly ClipTokenizer[];
  readonly advice: VocabularyAdvice | null;

  constructor(card: CheckpointCard) {
    this.#tokenizers = card.tokenizers.map(tokenizer => new ClipTokenizer(tokenizer));
    this.advice = card.vocabulary && new VocabularyAdvice(card.vocabulary);
  }

  read(text: string): ReadText {
    const read = this.#tokenizers.map(tokenizer => {
      const { tokens, ids } = tokenizer.encode(text);
      const padded = tokenizer.pad(ids);
      const kept = Math.min(ids.length, tokenizer.maxLength);
      // Cutting leaves the end token where it has to be.
      return { ...padded, tokens: [...tokens.slice(0, kept - 1), tokens.at(-1)!], kept };
    });
    const [first] = read;
    return {
      tokens: first?.tokens ?? [],
      tokenIds: first?.ids.slice(0, first.kept) ?? [],
      modelTokenIds: read.map(({ ids }) => ids),
      truncated: read.some(({ truncated }) => truncated),
    };
  }
}

export interface ReadText {
  /** Begin and end tokens included, without padding, as the first text encoder reads them. */
  readonly tokens: readonly string[];
  readonly tokenIds: readonly number[];
  /** Padded, one list per text encoder. */
  readonly modelTokenIds: readonly (readonly number[])[];
  /** Whether one of the text encoders does not read all of it. */
  readonly truncated: boolean;
}
