import { successOf } from './answer.ts';
import { type Asking, type AskOptions, asking } from './asking.ts';
import type { TypedDocument } from './document.ts';
import type { Source } from './following.ts';
import * as operations from './generated.ts';
import { Handle } from './handle.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { Laboratory } from './laboratory.ts';
import { allOf, type Page, type PageOptions, pageOf } from './page.ts';
import { type Picture, withImageInputs } from './pictures.ts';
import { expectThere } from './there.ts';
import { Transport } from './transport.ts';
import type {
  Checkpoint,
  ContactSheet,
  ContactSheetInput,
  GenerateInput,
  Generation,
  GenerationStatus,
  Latent,
  Neighbour,
  PicturedLatent,
  PromptReport,
  Similarity,
  SimilaritySpace,
  VocabularyEntry,
} from './types.ts';

export interface DarkroomOptions {
  /** The server's address, such as `http://127.0.0.1:8787`. Default: where the page came from. */
  readonly url?: string;
  /** Headers of every request, such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
  /**
   * How long to go on trying when the server is away, restarts, or asks to come back later, in milliseconds. 0: one try.
   * Default: a minute.
   */
  readonly patienceMs?: number;
  /** How long one answer may take, in milliseconds. Default: two minutes. */
  readonly timeoutMs?: number;
}

/** What is looked for: what a text says, what a picture shows, or a latent that the server has. */
export type Likeness = { readonly text: string } | { readonly image: Picture } | { readonly latentKey: string };

export interface SimilarOptions extends PageOptions, AskOptions {
  /** What is compared: what they show (EMBEDDING, the default), the latent codes (LATENT), or the prompts (PROMPT). */
  readonly space?: SimilaritySpace;
  /** From -1 to 1: nothing that is less alike. */
  readonly minSimilarity?: number;
  readonly checkpoint?: string;
}

/**
 * A Darkroom server. Everything that its GraphQL API does, typed; requests that can be sent again safely are, when the
 * server is away for a moment.
 *
 * Methods throw a `DarkroomError` (see there), or the reason of the `signal` that was given.
 *
 * @example
 * const darkroom = new Darkroom({ url: 'http://127.0.0.1:8787' });
 * const { images } = await darkroom.generate({ prompt: 'a cat on a red background', seed: 7 });
 * console.log(images[0].url);
 */
export class Darkroom extends Laboratory {
  readonly #asking: Asking;

  /** Where the server answers GraphQL. */
  get endpoint(): string {
    return this.#asking.transport.endpoint;
  }

  /** @throws TypeError for an address that is none */
  constructor(options: DarkroomOptions = {}) {
    const {
      url = globalThis.location?.origin ?? '',
      headers = {},
      fetch = (input, init) => globalThis.fetch(input, init),
      patienceMs = 60_000,
      timeoutMs = 120_000,
    } = options;
    const asker = asking(new Transport({ url, headers, fetch, timeoutMs }), patienceMs);
    super(asker);
    this.#asking = asker;
  }

  /**
   * Makes pictures. The request begins at once, and is safe to be sent again: where `idempotencyKey` is not given, one is
   * drawn. Await the handle for the end, iterate over it for the progress.
   */
  generate(input: GenerateInput, { signal }: AskOptions = {}): Handle<Generation> {
    const variables = { input: keyed(input) };
    const accepted = this.#asking.again(
      operations.GenerateDocument,
      variables,
      signal,
      data => successOf(data.generate).generation,
    );
    return this.#generationHandle(accepted, signal);
  }

  /** The handle of a generation that was started before, here or elsewhere. Rejects where there is none. */
  watch(id: string, { signal }: AskOptions = {}): Handle<Generation> {
    const accepted = this.generation(id, { signal }).then(generation => expectThere(generation, id));
    return this.#generationHandle(accepted, signal);
  }

  #generationHandle(accepted: Promise<Generation>, signal: AbortSignal | undefined): Handle<Generation> {
    const { patienceMs, transport } = this.#asking;
    const source = (id: string): Source<Generation> => ({
      fetch: async signal => (await transport.ask(operations.GenerationDocument, { id }, signal)).generation,
      async *stream(signal) {
        for await (const { generation } of transport.subscribe(operations.WatchGenerationDocument, { id }, signal)) {
          yield generation;
        }
      },
    });
    const cancel = async (id: string) => asGeneration(await this.cancel(id));
    return new Handle({ accepted, source, cancel, asGeneration: job => job, patienceMs, signal });
  }

  /** A grid of generations over one or two parameters, and one picture of them all. */
  contactSheet(input: ContactSheetInput, { signal }: AskOptions = {}): Handle<ContactSheet> {
    const variables = { input: keyed(input) };
    const accepted = this.#asking.again(operations.ContactSheetDocument, variables, signal, data =>
      successOf(data.contactSheet),
    );
    return this.#sheetHandle(accepted, signal);
  }

  /** The handle of a contact sheet that was started before. Rejects where there is none. */
  watchContactSheet(id: string, { signal }: AskOptions = {}): Handle<ContactSheet> {
    const accepted = this.#asking.again(operations.ContactSheetByIdDocument, { id }, signal, data =>
      expectThere(asSheet(data.node), `contact sheet ${id}`),
    );
    return this.#sheetHandle(accepted, signal);
  }

  #sheetHandle(accepted: Promise<ContactSheet>, signal: AbortSignal | undefined): Handle<ContactSheet> {
    const { patienceMs, transport } = this.#asking;
    const source = (id: string): Source<ContactSheet> => ({
      fetch: async signal => asSheet((await transport.ask(operations.ContactSheetByIdDocument, { id }, signal)).node),
      stream: null,
    });
    const cancel = async (id: string) => expectThere(asSheet(await this.cancel(id)), id);
    return new Handle({ accepted, source, cancel, asGeneration: () => null, patienceMs, signal });
  }

  /** Stops a generation or a contact sheet. One that has ended is returned unchanged. */
  cancel(id: string, { signal }: AskOptions = {}): Promise<Generation | ContactSheet> {
    return this.#asking.again(operations.CancelDocument, { id }, signal, data => successOf(data.cancelGeneration));
  }

  /** Null for an id that is unknown or deleted. */
  generation(id: string, { signal }: AskOptions = {}): Promise<Generation | null> {
    return this.#asking.again(operations.GenerationDocument, { id }, signal, data => data.generation);
  }

  /** Newest first. */
  generations(
    options: PageOptions & AskOptions & { readonly status?: readonly GenerationStatus[] } = {},
  ): Promise<Page<Generation>> {
    const { signal, ...variables } = options;
    return this.#asking.again(operations.GenerationsDocument, variables, signal, data =>
      pageOf(data.generations, edge => edge.node),
    );
  }

  /** Every generation, newest first, asked for as they are read. */
  allGenerations(
    options: AskOptions & { readonly status?: readonly GenerationStatus[] } = {},
  ): AsyncGenerator<Generation, void, undefined> {
    return allOf(after => this.generations({ ...options, after }));
  }

  /** Deletes a generation or a contact sheet with its pictures, and what no other one uses of its latents. */
  async deleteGeneration(id: string, { signal }: AskOptions = {}): Promise<void> {
    await this.#asking.once(operations.DeleteGenerationDocument, { id }, signal, data =>
      successOf(data.deleteGeneration),
    );
  }

  /** What the server would make of a prompt: nothing is generated. */
  checkPrompt(
    input: { readonly prompt: string; readonly negativePrompt?: string; readonly checkpoint?: string },
    { signal }: AskOptions = {},
  ): Promise<PromptReport> {
    if (typeof input !== 'object') throw new TypeError(`expected { prompt, … }, found ${input}`);
    return this.#asking.again(operations.CheckPromptDocument, input, signal, data =>
      expectThere(data.checkPrompt, 'report of this prompt'),
    );
  }

  /** The default one first. */
  checkpoints({ signal }: AskOptions = {}): Promise<readonly Checkpoint[]> {
    return this.#asking.again(operations.CheckpointsDocument, {}, signal, data => data.checkpoints ?? []);
  }

  /** @param name default: the server's */
  checkpoint(name?: string, { signal }: AskOptions = {}): Promise<Checkpoint> {
    return this.#asking.again(operations.CheckpointDocument, { name }, signal, data =>
      expectThere(data.checkpoint, name === undefined ? 'checkpoint' : `checkpoint ${name}`),
    );
  }

  /** What a prompt may name. Empty where the checkpoint does not say what it was taught. */
  vocabulary(
    options: PageOptions &
      AskOptions & { readonly checkpoint?: string; readonly search?: string; readonly kind?: string } = {},
  ): Promise<Page<VocabularyEntry>> {
    const { signal, ...variables } = options;
    return this.#asking.again(operations.VocabularyDocument, variables, signal, data =>
      pageOf(data.checkpoint?.vocabulary, edge => edge.node),
    );
  }

  /** A latent with what it looks like. */
  latent(key: string, { signal }: AskOptions = {}): Promise<PicturedLatent> {
    return this.#asking.again(operations.LatentDocument, { key }, signal, data =>
      expectThere(data.latent, `latent ${key}`),
    );
  }

  /** Newest first: those of generations, of pictures that were encoded, and those sent. */
  latents(options: PageOptions & AskOptions & { readonly checkpoint?: string } = {}): Promise<Page<Latent>> {
    const { signal, ...variables } = options;
    return this.#asking.again(operations.LatentsDocument, variables, signal, data =>
      pageOf(data.latents, edge => edge.node),
    );
  }

  async deleteLatent(key: string, { signal }: AskOptions = {}): Promise<void> {
    await this.#asking.once(operations.DeleteLatentDocument, { key }, signal, data => successOf(data.deleteLatent));
  }

  /** The latents that are nearest to something, nearest first. */
  similar(to: Likeness, options: SimilarOptions = {}): Promise<Page<Neighbour>> {
    if (typeof to !== 'object') throw new TypeError(`expected { text }, { image } or { latentKey }, found ${to}`);
    const { signal, space = 'EMBEDDING', ...rest } = options;
    // Pictures of latents that nobody has looked at are decoded, and a request may have ten of these.
    const variables = { to: withImageInputs(to) as operations.SimilarTo, space, first: 10, ...rest };
    return this.#asking.again(operations.SimilarDocument, variables, signal, data =>
      pageOf(data.similar, ({ similarity, node }) => ({ similarity, latent: node })),
    );
  }

  /** How alike two latents are, in every space that both have a place in. */
  similarity(aKey: string, bKey: string, { signal }: AskOptions = {}): Promise<Similarity> {
    return this.#asking.again(operations.SimilarityDocument, { aKey, bKey }, signal, data =>
      expectThere(data.similarity, `latents ${aKey} and ${bKey}`),
    );
  }

  /**
   * Any operation of the schema. Blobs anywhere in its variables are sent as files. Sent once: say `repeatable` where
   * sending it twice does no harm.
   *
   * @example
   * await darkroom.graphql('query ($key: String!) { latent(key: $key) { digest } }', { key });
   */
  graphql<Data = Record<string, unknown>, Variables = Record<string, unknown>>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    { signal, repeatable = false }: AskOptions & { readonly repeatable?: boolean } = {},
  ): Promise<Data> {
    return this.#asking[repeatable ? 'again' : 'once'](document, variables, signal, data => data);
  }

  /** A file at one of the addresses that the server answers with. */
  download(url: string, { signal }: AskOptions = {}): Promise<Blob> {
    return this.#asking.download(url, signal);
  }
}

function asGeneration(job: Generation | ContactSheet): Generation {
  return expectThere('images' in job ? job : null, job.id);
}

function asSheet(node: object | null): ContactSheet | null {
  return node && 'cells' in node ? (node as ContactSheet) : null;
}

/** Made safe to be sent again, its pictures as the schema wants them. Null means the same as absent: it is no key. */
function keyed<T extends GenerateInput | ContactSheetInput>(input: T): T {
  const given = Object.entries(input).filter(([, value]) => value != null);
  return withImageInputs({ idempotencyKey: idempotencyKey(), ...Object.fromEntries(given) }) as T;
}
