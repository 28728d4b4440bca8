import type { TokenizerCard } from '../wire/card.ts';
import { toByteCharacters } from './tokenizer/byte-characters.ts';
import { BytePairEncoding } from './tokenizer/byte-pair-encoding.ts';
import { TokenSplitter } from './tokenizer/split-at-tokens.ts';
import { cleanText } from './tokenizer/text-cleaning.ts';

/** A text as a model reads it. */
export interface Encoding {
  /** As the vocabulary writes them: `</w>` ends a word. Begin and end tokens included, nothing cut off. */
  readonly tokens: readonly string[];
  /** One for each of `tokens`. */
  readonly ids: readonly number[];
}

/** Token ids of exactly the length a text encoder takes. */
export interface PaddedIds {
  readonly ids: readonly number[];
  /** Whether tokens had to be left out. */
  readonly truncated: boolean;
}

const endOfWord = '</w>';

/** CLIP's own begin and end, which its pattern knows whatever a tokenizer calls them. */
const clipTokens = /^<\|(?:startoftext|endoftext)\|>$/;

/**
 * CLIP's own begin and end, contractions, runs of letters, single digits, runs of anything else. As in CLIP's tokenizer,
 * whose pattern ignores case: that is why a long s counts as an s, and why U+0345 (whose other case is a letter) is in no
 * class and is lost.
 */
const word = /<\|(?:startoftext|endoftext)\|>|'[sſ]|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|(?:(?!\u0345)[^\s\p{L}\p{N}])+/gu;

/**
 * CLIP's byte-level BPE tokenizer. Follows transformers' own Python `CLIPTokenizer` without ftfy (Unicode NFC,
 * lower-cased, whitespace and control characters cleaned up), the primary ids of the shared goldens.
 *
 * @example
 * const tokenizer = new ClipTokenizer(card.tokenizers[0]);
 * const { ids, truncated } = tokenizer.pad(tokenizer.encode('a red fox').ids);
 */
export class ClipTokenizer {
  readonly maxLength: number;
  readonly #vocab: Readonly<Record<string, number>>;
  readonly #pairs: BytePairEncoding;
  readonly #splitter: TokenSplitter;
  readonly #bosToken: string;
  readonly #eosToken: string;
  readonly #unknownId: number;
  readonly #eosId: number;
  readonly #padId: number;

  /** @throws RangeError when the card's special tokens are not in its vocabulary or its length has no room for them */
  constructor(card: TokenizerCard) {
    const { bosToken, eosToken, padToken, unknownToken = eosToken, addedTokens = [] } = card;
    this.#vocab = card.vocab;
    const idOf = (token: string): number => {
      if (!Object.hasOwn(card.vocab, token)) throw new RangeError(`special token ${token} is not in the vocabulary`);
      return card.vocab[token]!;
    };
    this.#bosToken = bosToken;
    this.#eosToken = eosToken;
    idOf(bosToken); // Only checked: `encode` looks it up like any other token.
    this.#eosId = idOf(eosToken);
    this.#padId = idOf(padToken);
    this.#unknownId = idOf(unknownToken);
    for (const { content } of addedTokens) idOf(content);
    if (!(card.maxLength >= 2)) throw new RangeError(`maxLength is ${card.maxLength}, expected 2 or more`);
    this.maxLength = card.maxLength;
    this.#pairs = new BytePairEncoding(card.merges);
    const special = [bosToken, eosToken, padToken, unknownToken].map(content => ({ content }));
    this.#splitter = new TokenSplitter(new Map([...special, ...addedTokens].map(token => [token.content, token])));
  }

  /** The whole text, however long: begin token, the text's tokens, end token. */
  encode(text: string): Encoding {
    const tokens = [this.#bosToken];
    // Tokens count as they are written, before any cleaning: this is how SD 2's padding token makes every `!` of a
    // prompt token 0.
    for (const { part, token } of this.#splitter.split(text)) {
      if (token) tokens.push(part);
      else this.#encodeText(part, tokens);
    }
    tokens.push(this.#eosToken);
    const ids = tokens.map(token => (Object.hasOwn(this.#vocab, token) ? this.#vocab[token]! : this.#unknownId));
    return { tokens, ids };
  }

  /**
   * Fits ids to `maxLength` as diffusers does: too long, and the last ones before the end token go; too short, and
   * padding tokens follow the end token.
   * @param ids as `encode` returns them
   */
  pad(ids: readonly number[]): PaddedIds {
    if (ids.length > this.maxLength) {
      return { ids: [...ids.slice(0, this.maxLength - 1), this.#eosId], truncated: true };
    }
    const padding = new Array<number>(this.maxLength - ids.length).fill(this.#padId);
    return { ids: [...ids, ...padding], truncated: false };
  }

  #encodeText(text: string, tokens: string[]): void {
    for (const [match] of cleanText(text).matchAll(word)) {
      // Here, where all is lower case, `<|ENDOFTEXT|>` turns out to be a token too.
      if (clipTokens.test(match)) tokens.push(match);
      else this.#encodeWord(match, tokens);
    }
  }

  #encodeWord(match: string, tokens: string[]): void {
    const symbols = toByteCharacters(match);
    symbols.push(`${symbols.pop()}${endOfWord}`);
    for (const token of this.#pairs.encode(symbols)) tokens.push(token);
  }
}
