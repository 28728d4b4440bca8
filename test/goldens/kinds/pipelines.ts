import { z } from 'zod';
import { checkpointFiles } from '../../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../../gpu-backend/onnxruntime-node.ts';
import { Config } from '../../../models/checkpoint/config.ts';
import { StableDiffusionPipeline } from '../../../models/pipeline.ts';
import { schedulerClasses } from '../../../models/schedulers/create.ts';
import { readTokenizerCard } from '../../../models/tokenizer/card.ts';
import { ClipTokenizer } from '../../../models/tokenizer.ts';
import { UnsupportedError } from '../../../models/unsupported.ts';
import { GoldenError, type GoldenFolder } from '../golden-folder.ts';
import type { Report } from '../report.ts';
import { comparePipelineRun, runSchema } from './pipeline-run.ts';

const schema = z.looseObject({ checkpoint: z.string(), runs: z.array(runSchema) });

/** Compares whole text-to-image runs, from the prompt to the bytes of the picture. */
export async function comparePipelines(folder: GoldenFolder, report: Report): Promise<void> {
  for (const name of folder.list('pipelines')) {
    const path = `pipelines/${name}`;
    await report.attempt('pipeline runs', `${path}/index.json`, async () => {
      const { checkpoint, runs } = folder.json(`${path}/index.json`, schema);
      const pipelineClass = await classOf(folder, checkpoint);
      if (pipelineClass !== 'StableDiffusionPipeline') {
        for (const { id } of runs) report.skip(pipelineClass, 'pipeline runs', `${path}/${id}`);
        return;
      }
      const files = checkpointFiles(folder.path(checkpoint));
      const pipeline = await StableDiffusionPipeline.load(
        files,
        createOnnxRuntime({ folder: folder.path(checkpoint) }),
      );
      const tokenizer = new ClipTokenizer(await readTokenizerCard(files, 'tokenizer'));
      for (const run of runs) {
        await report.attempt('pipeline runs', `${path}/${run.id}`, () => {
          const scheduler = String(run.scheduler_config._class_name);
          if (!schedulerClasses.includes(scheduler)) throw new UnsupportedError(`scheduler ${scheduler}`);
          const golden = folder.tensors(`${path}/${run.file}`);
          return comparePipelineRun({ run, pipeline, tokenizer, golden, report, name: `${path}/${run.id}` });
        });
      }
      await pipeline.release();
    });
  }
}

async function classOf(folder: GoldenFolder, checkpoint: string): Promise<string> {
  const path = `${checkpoint}/model_index.json`;
  if (!folder.has(path)) throw new GoldenError(`${path}: no such file`);
  return String((await Config.read(checkpointFiles(folder.path('.')), path)).value('_class_name'));
}
