import { basename } from 'node:path';
import { checkpointCard } from '../models/card.ts';
import { CheckpointError } from '../models/checkpoint/error.ts';
import { type LoadableStage, StableDiffusionPipeline } from '../models/pipeline.ts';
import type { Runtime } from '../models/runtime.ts';
import type { CheckpointCard } from '../wire/card.ts';
import type { Plan } from '../wire/plan.ts';
import { batchUNet } from './batcher.ts';
import { checkpointFiles } from './checkpoint-files.ts';
import { DigestMemory } from './digest-memory.ts';
import type { JobLoop, Prepared } from './job-loop.ts';
import { createOnnxRuntime, onnxRuntimeName } from './onnxruntime-node.ts';
import { RequestRefused } from './refusal.ts';
import type { Hold } from './running-jobs.ts';
import { OverBudget, SessionMemory } from './session-memory.ts';
import type { Loaded, ThreadSettings } from './thread-messages.ts';

/** What the thread is told of. */
type Reporter = Pick<JobLoop, 'log' | 'sessions' | 'unetCalled'>;

interface ServedCheckpoint {
  readonly folder: string;
  readonly card: CheckpointCard;
  readonly pipeline: StableDiffusionPipeline;
  /** The providers its sessions run on, in the order they were taken. */
  readonly providers: ReadonlySet<string>;
}

/** The checkpoints of one job thread. Sessions are created at their first use, but for those that are loaded eagerly. */
export class ServedCheckpoints {
  readonly #settings: ThreadSettings;
  readonly #reporter: Reporter;
  readonly #digests: DigestMemory;
  readonly #memory: SessionMemory;
  readonly #served: ServedCheckpoint[] = [];

  private constructor(settings: ThreadSettings, reporter: Reporter) {
    this.#settings = settings;
    this.#reporter = reporter;
    this.#digests = new DigestMemory(settings.digests);
    this.#memory = new SessionMemory({
      budget: settings.memoryBudget,
      resident: settings.isAlone ? () => process.memoryUsage.rss() : undefined,
      onChange: change => reporter.sessions(change, this.#memory.byCheckpoint),
    });
  }

  /**
   * Looks at every checkpoint's configs, weight files' headers and digest, then loads what is to be loaded eagerly.
   * @throws Error whose message is one line naming every folder that cannot be served, and what is wrong with it
   */
  static async open(settings: ThreadSettings, reporter: Reporter): Promise<ServedCheckpoints> {
    const checkpoints = new ServedCheckpoints(settings, reporter);
    await checkpoints.#openFolders();
    await checkpoints.#loadEagerly();
    return checkpoints;
  }

  get loaded(): Loaded {
    return {
      cards: this.#served.map(({ card }) => card),
      runtime: onnxRuntimeName,
      executionProvider: providersOf(this.#served[0]!),
      digests: this.#digests.digests,
    };
  }

  /**
   * Creates the sessions that a plan needs, where they are not in memory. Waits while plans of other checkpoints run that
   * leave no room for this one's.
   * @param cancelled asked while it waits, and between one session and the next
   * @returns null when it was cancelled
   * @throws RequestRefused `checkpoint_unknown`; CheckpointError, OverBudget
   */
  async prepare(plan: Plan, cancelled: () => boolean): Promise<Prepared | null> {
    const found = this.#served.find(({ card }) => card.digest === plan.checkpoint);
    if (!found) throw new RequestRefused('checkpoint_unknown', `there is no checkpoint ${plan.checkpoint} here`);
    const hold = await this.#memory.beginJob(found.card.name, found.pipeline.sessions, cancelled);
    if (!hold) return null;
    const done = async () => {
      await this.#memory.endJob(hold);
      this.#reporter.sessions(null, this.#memory.byCheckpoint);
    };
    try {
      for (const stage of stagesOf(plan)) {
        if (cancelled()) {
          await done();
          return null;
        }
        await found.pipeline.warm([stage]);
      }
    } catch (error) {
      await done();
      throw error;
    }
    return { models: found.pipeline, executionProvider: providersOf(found), done };
  }

  /** All of them, so that whoever has several to mend is told of several. */
  async #openFolders(): Promise<void> {
    const problems: string[] = [];
    for (const folder of this.#settings.checkpoints) {
      try {
        this.#served.push(await this.#open(folder));
      } catch (error) {
        problems.push(`checkpoint ${folder}: ${problem(error)}${this.#remedy(error)}`);
      }
    }
    const names = this.#served.map(({ card }) => card.name);
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) problems.push(`two checkpoints are called ${twice}: rename a folder`);
    if (problems.length > 0) throw new Error(problems.join('; '));
    this.#reporter.log('info', 'digests', this.#digests.counts);
  }

  /** Sessions are created of the weights whose digest was published, and of no others. */
  #guarded(folder: string, runtime: Runtime): Runtime {
    return {
      createSession: async (model, part, weights) => {
        await this.#digests.expectUnchanged(folder, part);
        return runtime.createSession(model, part, weights);
      },
    };
  }

  #remedy(error: unknown): string {
    if (!(error instanceof OverBudget)) return '';
    return `: raise MEMORY_BUDGET${this.#settings.isAlone ? '' : ', lower JOBS'}, or leave it out of CHECKPOINTS`;
  }

  async #open(folder: string): Promise<ServedCheckpoint> {
    const name = basename(folder);
    const providers = new Set<string>();
    const runtime = createOnnxRuntime({
      folder,
      providers: this.#settings.providers,
      threads: this.#settings.threads,
      onFallback: (provider, reason) =>
        this.#reporter.log('warn', 'provider_failed', { checkpoint: name, provider, reason }),
      onSession: (part, provider) => {
        providers.add(provider);
        this.#reporter.log('info', 'session', { checkpoint: name, part, provider });
      },
    });
    const files = this.#digests.over(folder, checkpointFiles(folder));
    const kept = this.#memory.runtime(name, this.#guarded(folder, runtime));
    const shared = batchUNet(kept, { limit: this.#settings.batch, onCall: () => this.#reporter.unetCalled() });
    const pipeline = await StableDiffusionPipeline.load(files, shared);
    this.#memory.expectRoomFor(pipeline.sessions);
    return { folder, card: await checkpointCard(pipeline, name), pipeline, providers };
  }

  async #loadEagerly(): Promise<void> {
    const { eager } = this.#settings;
    const wanted = eager === 'none' ? [] : eager === 'first' ? this.#served.slice(0, 1) : this.#served;
    // What was loaded for one is not released for the next.
    const holds: Hold[] = [];
    for (const { folder, card, pipeline } of wanted) {
      if (!this.#memory.hasRoomFor(pipeline.sessions)) {
        this.#reporter.log('warn', 'not_loaded', {
          checkpoint: card.name,
          reason: 'no room in the memory budget beside those before it: it is loaded when it is asked for',
        });
        continue;
      }
      holds.push(this.#memory.hold(card.name, pipeline.sessions));
      try {
        for (const stage of largestFirst) await pipeline.warm([stage]);
      } catch (error) {
        throw new Error(`checkpoint ${folder}: ${problem(error)}`, { cause: error });
      }
    }
    for (const hold of holds) await this.#memory.endJob(hold);
  }
}

/** What draws a picture. While the UNet, which is the largest, is created the others need not be there. */
const largestFirst = ['DENOISE', 'TEXT_ENCODE', 'DECODE'] as const;

/** The UNet's first, for the same reason. */
function stagesOf({ stages }: Plan): Iterable<LoadableStage> {
  const names = new Set<LoadableStage>(stages.map(({ stage }) => stage));
  if (stages.some(stage => stage.stage === 'EMBED' && stage.texts.length > 0)) names.add('TEXT_ENCODE');
  return names.has('DENOISE') ? new Set<LoadableStage>(['DENOISE', ...names]) : names;
}

/** Parts of a model may have fallen through to different providers: then the record should say so. */
function providersOf({ providers }: ServedCheckpoint): string {
  return [...providers].join('+');
}

function problem(error: unknown): string {
  if (error instanceof CheckpointError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such folder';
  if (code === 'ENOTDIR') return 'this is not a folder';
  return error instanceof Error ? error.message : String(error);
}
