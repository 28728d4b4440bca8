import type { CheckpointCard } from '../../wire/card.ts';
import {
  type CreatedGeneration,
  type GenerationParameters,
  type GenerationRequest,
  type GenerationService,
  type GenerationState,
  type GenerationStatus,
  type LatentPlace,
  type LatentState,
  type MadeImageState,
  type PromptReport,
  type Services,
  stepsOf,
  type WatchedGeneration,
} from '../context.ts';
import { InputError, RequestError } from '../errors.ts';
import { hasEnded } from '../generation-status.ts';
import type { SimilarLatent, SimilarSearch } from '../similarity-service.ts';
import { MemoryContactSheets } from './contact-sheets.ts';
import { memoryLaboratory } from './laboratory.ts';

/** What the tests of resolvers run against: services that keep everything in memory and do no work. */
export interface MemoryServices extends Services {
  readonly generations: MemoryGenerations;
  readonly contactSheets: MemoryContactSheets;
  /** What services were asked, in order: tests see what was not asked. */
  readonly asked: string[];
}

export const testCard: CheckpointCard = {
  version: 1,
  name: 'shipped',
  digest: 'c'.repeat(64),
  bytes: 95_000_000,
  memoryBytes: 96_000_000,
  parameterCount: 24_000_000,
  latentShape: [8, 16, 16],
  latentScale: 8,
  tokenizers: [
    {
      vocab: {},
      merges: [],
      bosToken: '<|startoftext|>',
      eosToken: '<|endoftext|>',
      padToken: '<|endoftext|>',
      maxLength: 77,
    },
  ],
  scheduler: { _class_name: 'DDIMScheduler' },
  schedulers: ['DDIM', 'EULER'],
  discriminator: false,
  embedder: false,
  defaults: { width: 128, height: 128, steps: 20, guidanceScale: 5, scheduler: 'DDIM' },
  limits: { maxSteps: 1_000, maxWidth: 512, maxHeight: 256, multipleOf: 64, maxCount: 16, maxClipSkip: 11 },
  vocabulary: [
    { phrase: 'dog', kind: 'animal', also: ['puppy'] },
    { phrase: 'cat', kind: 'animal', also: [] },
    { phrase: 'pizza', kind: 'food', also: ['slice of pizza'] },
    { phrase: 'red', kind: 'colour', also: [] },
  ],
};

/** A second checkpoint, of which nothing is known that only the shipped one has. */
export const plainCard: CheckpointCard = { ...testCard, name: 'plain', digest: 'd'.repeat(64), vocabulary: null };

export function memoryServices(cards: readonly CheckpointCard[] = [testCard, plainCard]): MemoryServices {
  const asked: string[] = [];
  const generations = new MemoryGenerations(asked);
  return {
    asked,
    generations,
    contactSheets: new MemoryContactSheets(generations, asked),
    checkpoints: {
      list: async () => cards,
      find: async name => (name === null ? cards[0] : cards.find(card => card.name === name)) ?? null,
      findByDigest: async digest => cards.find(card => card.digest === digest) ?? null,
      loaded: async () => new Set([testCard.digest]),
      defaultName: null,
    },
    checkpointFiles: { url: async (digest, path) => `https://darkroom.test/checkpoints/${digest}/${path}?token=t` },
    prompts: {
      maxCharacters: 1_000,
      check: (_, prompt) => {
        if (prompt === '') return report('PROMPT_INVALID', 'prompt is empty');
        return prompt.includes('forbidden') ? report('PROMPT_REFUSED', 'prompt has a forbidden word') : report(null);
      },
    },
    latents: {
      find: async key => testLatents.find(latent => latent.key === key) ?? null,
      findMany: async keys => {
        const found = testLatents.filter(latent => keys.includes(latent.key));
        return new Map(found.map(latent => [latent.key, latent]));
      },
      async list({ checkpointDigest, limit, after, before, reverse }) {
        asked.push(`latents of ${checkpointDigest}`);
        const place = ({ createdAt, key }: LatentPlace) => `${createdAt} ${key}`;
        const newestFirst = testLatents
          .filter(latent => checkpointDigest === null || latent.checkpointDigest === checkpointDigest)
          .filter(latent => after === null || place(latent) < place(after))
          .filter(latent => before === null || place(latent) > place(before))
          .toReversed();
        return (reverse ? newestFirst.reverse() : newestFirst).slice(0, limit);
      },
      count: async digest => testLatents.filter(latent => digest === null || latent.checkpointDigest === digest).length,
      async delete(key) {
        asked.push(`delete ${key[0]}`);
        const latent = testLatents.find(latent => latent.key === key);
        return latent ? (latent.generationId === null ? 'DELETED' : 'HELD') : 'UNKNOWN';
      },
      url: async key => `https://darkroom.test/latents/${key}.safetensors`,
      async image({ key, isDecoded }) {
        asked.push(isDecoded ? 'image' : 'decode');
        return { id: `latent-${key}`, generationId: null, width: 128, height: 128, seed: null, latentKey: key };
      },
    },
    similarity: {
      nearLatent: async (latent, search) => near(asked, `latent ${latent.key[0]}`, search),
      nearText: async (card, _, search) => near(asked, `text of ${card.name}`, search),
      nearImage: async (card, _, search) => near(asked, `image of ${card.name}`, search),
      compare: async (a, b) => ({ latent: a.key === b.key ? 1 : 0.5, embedding: null, prompt: null, distance: 1.5 }),
    },
    starts: {
      async read(source, _, { width, height }, path) {
        asked.push(`start ${width}x${height}`);
        if (source.image?.data === 'broken')
          throw new InputError([{ path: [...path, 'image', 'data'], message: 'broken' }]);
        const content = { kind: 'PIXELS', pixels: { data: new Uint8Array(0), width, height }, digest: 'p' } as const;
        return source.image
          ? { from: 'IMAGE', latentKey: 'e'.repeat(64), content }
          : { from: 'LATENT', latentKey: source.latentKey!, content: null };
      },
    },
    laboratory: memoryLaboratory(asked, testLatent),
    images: {
      find: async id => generations.all.flatMap(({ images }) => images).find(image => image.id === id) ?? null,
      url: async (image, format) => `https://darkroom.test/images/${image.id}.${format.toLowerCase()}`,
      dataUri: async (image, format) => `data:image/${format.toLowerCase()};base64,${btoa(image.id)}`,
    },
  };
}

export const testLatent: LatentState = {
  key: 'a'.repeat(64),
  digest: 'b'.repeat(64),
  shape: [8, 16, 16],
  dtype: 'F32',
  bytes: 8_192,
  checkpointDigest: testCard.digest,
  generationId: 'g1',
  createdAt: '2026-11-22T18:00:00.000Z',
  isDecoded: true,
};

/** Oldest first. The last ones were encoded from pictures, and nobody has looked at them. */
export const testLatents: readonly LatentState[] = [
  testLatent,
  ...['1', '2', '3', '4'].map(digit => ({
    ...testLatent,
    key: digit.repeat(64),
    generationId: null,
    isDecoded: false,
    createdAt: `2026-11-22T18:00:0${digit}.000Z`,
    checkpointDigest: digit === '4' ? plainCard.digest : testCard.digest,
  })),
];

/** Whatever it is near to: all test latents, each a little less similar than the one before. */
function near(asked: string[], to: string, { space, limit, minSimilarity, after }: SimilarSearch): SimilarLatent[] {
  asked.push(`${space} near ${to}`);
  return testLatents
    .map((latent, i) => ({ latent, similarity: 1 - i / 3 }))
    .filter(({ similarity }) => minSimilarity === null || similarity >= minSimilarity)
    .filter(({ similarity }) => after === null || similarity < after.similarity)
    .slice(0, limit);
}

class MemoryGenerations implements GenerationService {
  /** Oldest first. */
  readonly all: GenerationState[] = [];
  readonly requests: GenerationRequest[] = [];
  takesWebhooks = true;
  readonly #asked: string[];
  /** What idempotency keys were used for. */
  readonly #keys = new Map<string, { readonly input: string; readonly id: string }>();
  /** How often each has changed, from 1. */
  readonly #versions = new Map<string, number>();
  /** What to call at the next change of any of them. */
  readonly #watchers = new Set<() => void>();

  constructor(asked: string[]) {
    this.#asked = asked;
  }

  /** Adds one that has these images, and, where it has ended, all steps done. */
  add(status: GenerationStatus = 'SUCCEEDED', imageCount = 1): GenerationState {
    const id = `g${this.all.length + 1}`;
    const images = Array.from({ length: imageCount }, (_, index): MadeImageState => {
      return {
        id: `${id}.${index}`,
        generationId: id,
        width: 128,
        height: 128,
        seed: 7 + index,
        latentKey: testLatent.key,
      };
    });
    const generation: GenerationState = {
      ...begun(id, testParameters),
      status,
      step: hasEnded(status) ? 20 : 0,
      images,
    };
    this.all.push(generation);
    return generation;
  }

  async create(request: GenerationRequest): Promise<CreatedGeneration> {
    this.#asked.push('create');
    const { parameters, prompt, negativePrompt, idempotency } = request;
    const earlier = idempotency && this.#keys.get(idempotency.key);
    const state = earlier && (await this.find(earlier.id));
    if (state) {
      if (earlier.input === idempotency.input) return { state, replayed: true };
      throw new RequestError('IDEMPOTENCY_CONFLICT', 'The idempotency key was used for another input');
    }
    this.requests.push(request);
    const generation = { ...begun(`g${this.all.length + 1}`, parameters), prompt, negativePrompt };
    this.all.push(generation);
    if (idempotency) this.#keys.set(idempotency.key, { input: idempotency.input, id: generation.id });
    return { state: generation, replayed: false };
  }

  webhookIssue(address: string): string | null {
    return address.startsWith('https://') ? null : 'webhook is no https address';
  }

  async cancel(id: string): Promise<GenerationState | null> {
    this.#asked.push(`cancel ${id}`);
    const found = await this.find(id);
    if (found && !hasEnded(found.status)) this.change(id, { status: 'CANCELLED' });
    return this.find(id);
  }

  /** What its work would do. */
  change(id: string, changes: Partial<GenerationState>): void {
    const at = this.all.findIndex(generation => generation.id === id);
    this.all[at] = { ...this.all[at]!, ...changes };
    this.#versions.set(id, (this.#versions.get(id) ?? 1) + 1);
    this.#wake();
  }

  /** Answers at the latest after ten seconds. */
  async watch(id: string, seen: number): Promise<WatchedGeneration | null> {
    this.#asked.push(`watch ${id} after ${seen}`);
    const until = Date.now() + 10_000;
    for (;;) {
      const state = await this.find(id);
      const version = this.#versions.get(id) ?? 1;
      if (!state || version > seen || Date.now() >= until) return state && { state, version };
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, until - Date.now());
        this.#watchers.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }

  async find(id: string): Promise<GenerationState | null> {
    return this.all.find(generation => generation.id === id) ?? null;
  }

  async findMany(ids: readonly string[]): Promise<ReadonlyMap<string, GenerationState>> {
    const found = this.all.filter(generation => ids.includes(generation.id));
    return new Map(found.map(generation => [generation.id, generation]));
  }

  isId(text: string): boolean {
    return /^g\d+$/.test(text);
  }

  async delete(id: string): Promise<boolean> {
    this.#asked.push(`delete ${id}`);
    const at = this.all.findIndex(generation => generation.id === id);
    if (at >= 0) this.all.splice(at, 1);
    this.#wake();
    return at >= 0;
  }

  async wait(id: string, milliseconds: number): Promise<GenerationState | null> {
    this.#asked.push(`wait ${milliseconds}`);
    const found = await this.find(id);
    return found && { ...found, status: 'SUCCEEDED' };
  }

  async list(page: Parameters<GenerationService['list']>[0]): Promise<readonly GenerationState[]> {
    this.#asked.push('list');
    const newestFirst = this.#having(page.status).reverse();
    const place = (id: string) => newestFirst.findIndex(generation => generation.id === id);
    const from = page.after === null ? 0 : place(page.after) + 1;
    const to = page.before === null ? newestFirst.length : place(page.before);
    const between = newestFirst.slice(from, to);
    return (page.reverse ? between.reverse() : between).slice(0, page.limit);
  }

  async count(status: Parameters<GenerationService['count']>[0]): Promise<number> {
    this.#asked.push('count');
    return this.#having(status).length;
  }

  #having(status: Parameters<GenerationService['count']>[0]): GenerationState[] {
    return this.all.filter(generation => status === null || status.includes(generation.status));
  }
}

const testParameters: GenerationParameters = {
  checkpoint: 'shipped',
  width: 128,
  height: 128,
  steps: 20,
  guidanceScale: 5,
  guidanceRescale: 0,
  eta: 0,
  clipSkip: null,
  scheduler: 'DDIM',
  seed: 7,
  count: 1,
  start: null,
  sdxl: null,
};

function begun(id: string, parameters: GenerationParameters): GenerationState {
  return {
    id,
    status: 'QUEUED',
    step: 0,
    steps: stepsOf(parameters) * parameters.count,
    prompt: 'a dog',
    negativePrompt: '',
    report: report(null),
    parameters,
    images: [],
    timings: [],
    record: null,
    failure: null,
    createdAt: '2026-11-22T18:00:00.000Z',
    finishedAt: null,
  };
}

function report(code: PromptReport['code'], message = ''): PromptReport {
  return {
    allowed: code === null,
    code,
    tokens: ['<|startoftext|>', '<|endoftext|>'],
    tokenIds: [0, 1],
    modelTokenIds: [[0, 1]],
    modelNegativeTokenIds: [[0, 1]],
    truncated: false,
    unknownWords: [],
    errors: code === null ? [] : [{ path: ['prompt'], message }],
  };
}
