import { z } from 'zod';
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
      const opened = await openPipeline(folder, checkpoint);
      try {
        for (const run of runs) {
          await report.attempt('pipeline runs', `${path}/${run.id}`, () =>
            comparePipelineRun(run, opened, folder.tensors(`${path}/${run.file}`), report, `${path}/${run.id}`),
          );
        }
      } finally {
        await opened.pipeline.release();
      }
    });
  }
}
