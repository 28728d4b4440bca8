import { z } from 'zod';
import { schedulerClasses } from '../../../models/schedulers/create.ts';
import { UnsupportedError } from '../../../models/unsupported.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import { openPipeline } from '../golden-pipeline.ts';
import type { Report } from '../report.ts';
import { comparePipelineRun, runSchema } from './pipeline-run.ts';

const schema = z.looseObject({ checkpoint: z.string(), runs: z.array(runSchema) });

/** Compares whole text-to-image runs, from the prompt to the bytes of the picture. */
export async function comparePipelines(folder: GoldenFolder, report: Report): Promise<void> {
  for (const name of folder.list('pipelines')) {
    const path = `pipelines/${name}`;
    await report.attempt('pipeline runs', `${path}/index.json`, async () => {
      const { checkpoint, runs } = folder.json(`${path}/index.json`, schema);
      const { pipeline, tokenizers } = await openPipeline(folder, checkpoint);
      try {
        for (const run of runs) {
          await report.attempt('pipeline runs', `${path}/${run.id}`, () => {
            const scheduler = String(run.scheduler_config._class_name);
            if (!schedulerClasses.includes(scheduler)) throw new UnsupportedError(`scheduler ${scheduler}`);
            const golden = folder.tensors(`${path}/${run.file}`);
            return comparePipelineRun({ run, pipeline, tokenizers, golden, report, name: `${path}/${run.id}` });
          });
        }
      } finally {
        await pipeline.release();
      }
    });
  }
}
