/** The whole of Darkroom for a test: the built worker under Miniflare, and a real backend with a tiny checkpoint. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Edge, startEdge } from '../../scripts/miniflare.ts';
import { probePort } from '../../scripts/start/ports.ts';
import { type BackendProcess, startBackendProcess } from '../backend/backend-process.ts';
import { type Folder, onDisk, tinyFolder } from '../models/tiny-checkpoint.ts';

export interface GraphqlAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Loosely typed: a test says what it expects by asserting it. */
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly data: any;
  readonly errors: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[] | undefined;
}

export class House {
  readonly #home: string;
  /** Folders, the default one first. */
  readonly #checkpoints: readonly string[];
  /** Whether they were written for this house, and go with it. */
  readonly #ownCheckpoints: boolean;
  readonly #backendPort: number;
  readonly #variables: Record<string, string>;
  readonly #secret = 'a secret that only this house knows, and long';
  backend: BackendProcess | null = null;
  edge!: Edge;
  /** What the worker has logged. */
  readonly log: string[] = [];

  private constructor(
    home: string,
    checkpoints: readonly string[],
    ownCheckpoints: boolean,
    backendPort: number,
    variables: Record<string, string>,
  ) {
    this.#home = home;
    this.#checkpoints = checkpoints;
    this.#ownCheckpoints = ownCheckpoints;
    this.#backendPort = backendPort;
    this.#variables = variables;
  }

  /**
   * @param variables those of `[vars]` in wrangler.toml
   * @param withBackend false: none is started, none answers
   * @param checkpoints the default one first
   */
  static async build(
    variables: Record<string, string> = {},
    withBackend = true,
    checkpoints: readonly Folder[] = [tinyFolder()],
  ): Promise<House> {
    return House.#open(await Promise.all(checkpoints.map(folder => onDisk(folder))), true, variables, withBackend);
  }

  /** One with the checkpoint that `npm start` has. */
  static shipped(variables: Record<string, string> = {}): Promise<House> {
    return House.#open([join(import.meta.dirname, '../../models/shipped')], false, variables, true);
  }

  /** Another one of the same checkpoints, to be torn down first, that knows nothing of what was made here. */
  neighbour(): Promise<House> {
    return House.#open(this.#checkpoints, this.#ownCheckpoints, this.#variables, true);
  }

  static async #open(
    checkpoints: readonly string[],
    ownCheckpoints: boolean,
    variables: Record<string, string>,
    withBackend: boolean,
  ): Promise<House> {
    const home = await mkdtemp(join(tmpdir(), 'darkroom-house-'));
    const house = new House(home, checkpoints, ownCheckpoints, await probePort('127.0.0.1', 0), variables);
    try {
      if (withBackend) await house.startBackend();
      await house.startEdge();
    } catch (error) {
      await house.tearDown();
      throw error;
    }
    return house;
  }

  get url(): string {
    return this.edge.url;
  }

  get checkpoints(): readonly string[] {
    return this.#checkpoints;
  }

  get backendPort(): number {
    return this.#backendPort;
  }

  /** @param environment what differs from the usual */
  async startBackend(environment: Record<string, string> = {}): Promise<void> {
    this.backend = startBackendProcess({
      PORT: String(this.#backendPort),
      DARKROOM_BACKEND_SECRET: this.#secret,
      CHECKPOINTS: this.#checkpoints.join(','),
      ...environment,
    });
    await this.backend.ready();
  }

  /** As a power cut would. */
  async killBackend(): Promise<void> {
    this.backend?.child.kill('SIGKILL');
    await this.backend?.ended;
    this.backend = null;
  }

  /** @param port 0 for any free one */
  async startEdge(port = 0): Promise<void> {
    this.edge = await startEdge({
      home: this.#home,
      host: '127.0.0.1',
      port,
      backends: [`http://127.0.0.1:${this.#backendPort}`],
      backendSecret: this.#secret,
      urlSecret: 'signs the addresses of one house of the tests',
      variables: this.#variables,
      log: line => this.log.push(line),
    });
  }

  /** The worker stops and comes back with the same state, at another port. */
  async restartEdge(): Promise<void> {
    await this.edge.close();
    await this.startEdge();
  }

  async ask(query: string, variables: Record<string, unknown> = {}): Promise<GraphqlAnswer> {
    const response = await this.post(JSON.stringify({ query, variables }));
    const text = await response.text();
    const { data, errors } = JSON.parse(text) as GraphqlAnswer;
    return { status: response.status, headers: response.headers, data, errors };
  }

  post(body: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  }

  /** Runs `generate` with an input and answers what it says. */
  async generate(input: Record<string, unknown>) {
    const { data } = await this.ask(generateMutation, { input });
    return data.generate;
  }

  async tearDown(): Promise<void> {
    await this.edge?.close();
    await this.killBackend();
    const folders = [this.#home, ...(this.#ownCheckpoints ? this.#checkpoints : [])];
    await Promise.all(folders.map(folder => rm(folder, { recursive: true, force: true })));
  }
}

const generateMutation = `mutation ($input: GenerateInput!) {
  generate(input: $input) {
    __typename
    ... on Error { code message }
    ... on InputError { issues { path message } }
    ... on PromptError { report { allowed errors { path message } } }
    ... on RetryLaterError { retryAfterMs }
    ... on GenerateSuccess {
      replayed
      generation {
        id status progress { step steps fraction }
        prompt negativePrompt
        parameters {
          checkpoint width height steps guidanceScale scheduler seed count startLatentKey strength
          sdxl { originalWidth originalHeight cropTop cropLeft targetWidth targetHeight }
        }
        record { checkpointDigest tokenIds negativeTokenIds seed noise scheduler dtype executionProvider runtime darkroom }
        timings { stage ms backend cached }
        images {
          id width height seed
          png: url webp: url(format: WEBP) jpeg: url(format: JPEG)
          latent { key digest shape dtype bytes checkpointDigest url }
        }
        failure { code message stage retryable }
        createdAt finishedAt
      }
    }
  }
}`;
