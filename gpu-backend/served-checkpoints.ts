import { basename } from 'node:path';
import { checkpointCard } from '../models/card.ts';
import { CheckpointError } from '../models/checkpoint/error.ts';
import { StableDiffusionPipeline } from '../models/pipeline.ts';
import type { CheckpointCard } from '../wire/card.ts';
import type { Plan } from '../wire/plan.ts';
import { checkpointFiles } from './checkpoint-files.ts';
import type { Prepared } from './job-loop.ts';
import { createOnnxRuntime, onnxRuntimeName } from './onnxruntime-node.ts';
import type { Loaded, ThreadSettings } from './thread-messages.ts';

type Report = (level: 'info' | 'warn' | 'error', event: string, details: object) => void;

interface ServedCheckpoint {
  readonly card: CheckpointCard;
  readonly pipeline: StableDiffusionPipeline;
  /** The providers its sessions run on, in the order they were taken. */
  readonly providers: ReadonlySet<string>;
}

/** The checkpoints of one job thread. The default one has its sessions from the start, others at their first use. */
export class ServedCheckpoints {
  readonly #served: readonly ServedCheckpoint[];

  private constructor(served: readonly ServedCheckpoint[]) {
    this.#served = served;
  }

  /** @throws Error whose message is one line naming the folder and what is wrong with it */
  static async open(settings: ThreadSettings, report: Report): Promise<ServedCheckpoints> {
    const served: ServedCheckpoint[] = [];
    for (const folder of settings.checkpoints) {
      try {
        served.push(await open(folder, settings, report));
      } catch (error) {
        throw new Error(`checkpoint ${folder}: ${problem(error)}`, { cause: error });
      }
    }
    const names = served.map(({ card }) => card.name);
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) throw new Error(`two checkpoints are called ${twice}: rename a folder`);
    const [first] = served;
    try {
      await first!.pipeline.warm();
    } catch (error) {
      throw new Error(`checkpoint ${settings.checkpoints[0]}: ${problem(error)}`, { cause: error });
    }
    return new ServedCheckpoints(served);
  }

  get loaded(): Loaded {
    const cards = this.#served.map(({ card }) => card);
    return { cards, runtime: onnxRuntimeName, executionProvider: providersOf(this.#served[0]!) };
  }

  /** Creates the sessions that a plan needs, where they are not there yet. @throws CheckpointError */
  async prepare({ checkpoint, stages }: Plan): Promise<Prepared> {
    const found = this.#served.find(({ card }) => card.digest === checkpoint);
    if (!found) throw new Error(`no checkpoint ${checkpoint}`);
    await found.pipeline.warm(stages.map(({ stage }) => stage));
    return { models: found.pipeline, executionProvider: providersOf(found) };
  }
}

/** Parts of a model may have fallen through to different providers: then the record should say so. */
function providersOf({ providers }: ServedCheckpoint): string {
  return [...providers].join('+');
}

async function open(folder: string, settings: ThreadSettings, report: Report): Promise<ServedCheckpoint> {
  const name = basename(folder);
  const providers = new Set<string>();
  const runtime = createOnnxRuntime({
    folder,
    providers: settings.providers,
    threads: settings.threads,
    onFallback: (provider, reason) => report('warn', 'provider_failed', { checkpoint: name, provider, reason }),
    onSession: (part, provider) => {
      providers.add(provider);
      report('info', 'session', { checkpoint: name, part, provider });
    },
  });
  const pipeline = await StableDiffusionPipeline.load(checkpointFiles(folder), runtime);
  return { card: await checkpointCard(pipeline, name), pipeline, providers };
}

function problem(error: unknown): string {
  if (error instanceof CheckpointError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such folder';
  if (code === 'ENOTDIR') return 'this is not a folder';
  return error instanceof Error ? error.message : String(error);
}
