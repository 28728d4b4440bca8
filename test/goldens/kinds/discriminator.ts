import { z } from 'zod';
import { createOnnxRuntime } from '../../../gpu-backend/onnxruntime-node.ts';
import { Discriminator } from '../../../models/discriminator.ts';
import { createModel, type GoldenComponent } from '../components.ts';
import { relativeError } from '../difference.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import type { Report } from '../report.ts';

const schema = z.looseObject({ cases: z.array(z.looseObject({ id: z.string() })) });
const tolerance = 1e-5;

/** Compares the scores of a discriminator. */
export async function compareDiscriminator(
  folder: GoldenFolder,
  component: GoldenComponent,
  path: string,
  report: Report,
): Promise<void> {
  const { cases } = folder.json(`${path}.json`, schema);
  const golden = folder.tensors(`${path}.safetensors`);
  const runtime = createOnnxRuntime({ folder: component.checkpointFolder });
  const discriminator = createModel(component, part => new Discriminator(part, runtime));
  try {
    for (const { id } of cases) {
      await report.attempt('discriminator', `${path} ${id}`, async () => {
        const actual = await discriminator.score(golden.float(`${id}.image`));
        const expected = golden.get(`${id}.score`);
        report.compare('discriminator', `${path} ${id}`, relativeError(actual, expected), tolerance);
      });
    }
  } finally {
    await discriminator.release();
  }
}
