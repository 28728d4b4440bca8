import type { TokenIds } from '../../schema/laboratory-service.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { VectorMaker } from '../similarity/vector-maker.ts';

/** As many as the wire takes at once, and some sets of labels; of 1 KB each for the shipped checkpoint. */
const mostKept = 2_048;
const mostAtOnce = 256;

/** Of all requests: labels are asked for again and again, and a backend need see them once. */
const kept = new Map<string, Float32Array>();

/** Where texts are in the space that they share with images. */
export class TextEmbeddings {
  readonly #maker: Pick<VectorMaker, 'embeddingsOfTexts'>;
  readonly #kept: Map<string, Float32Array>;

  /** @param memory of those that are known; the tests have their own */
  constructor(maker: Pick<VectorMaker, 'embeddingsOfTexts'>, memory = kept) {
    this.#maker = maker;
    this.#kept = memory;
  }

  /** In the order of the texts. @throws RetryLater */
  async of(card: CheckpointCard, texts: readonly TokenIds[]): Promise<Float32Array[]> {
    const names = texts.map(ids => `${card.digest} ${ids.map(list => list.join()).join(' ')}`);
    const vectors = names.map(name => this.#used(name));
    const missing = names.flatMap((name, i) => (vectors[i] || names.indexOf(name) < i ? [] : [i]));
    const made = new Map<string, Float32Array>();
    for (let at = 0; at < missing.length; at += mostAtOnce) {
      const some = missing.slice(at, at + mostAtOnce);
      const rows = await this.#maker.embeddingsOfTexts(
        card,
        some.map(i => texts[i]!),
      );
      for (const [row, i] of some.entries()) made.set(names[i]!, rows[row]!);
    }
    for (const [name, vector] of made) this.#keep(name, vector);
    return names.map((name, i) => vectors[i] ?? made.get(name)!);
  }

  /** Those that are asked for stay longest. */
  #used(name: string): Float32Array | undefined {
    const vector = this.#kept.get(name);
    if (vector && this.#kept.delete(name)) this.#kept.set(name, vector);
    return vector;
  }

  #keep(name: string, vector: Float32Array): void {
    if (this.#kept.size >= mostKept) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(name, vector);
  }
}
