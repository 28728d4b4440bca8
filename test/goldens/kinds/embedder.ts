import { z } from 'zod';
import { createOnnxRuntime } from '../../../gpu-backend/onnxruntime-node.ts';
import { Embedder } from '../../../models/embedder.ts';
import { UnsupportedError } from '../../../models/unsupported.ts';
import { createModel, type GoldenComponent } from '../components.ts';
import { relativeError } from '../difference.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import type { Report } from '../report.ts';

const schema = z.looseObject({ cases: z.array(z.looseObject({ id: z.string(), kind: z.string() })) });
const tolerance = 1e-5;

/** Compares both sides of an embedder. */
export async function compareEmbedder(
  folder: GoldenFolder,
  component: GoldenComponent,
  path: string,
  report: Report,
): Promise<void> {
  const { cases } = folder.json(`${path}.json`, schema);
  const golden = folder.tensors(`${path}.safetensors`);
  const runtime = createOnnxRuntime({ folder: component.checkpointFolder });
  const embedder = createModel(component, part => new Embedder(part, runtime));
  const embed = (id: string, kind: string) => {
    if (kind === 'latents') return embedder.embedLatents(golden.float(`${id}.latents`));
    if (kind === 'texts') return embedder.embedTexts(golden.float(`${id}.hidden`));
    throw new UnsupportedError(`embedder case ${kind}`);
  };
  try {
    for (const { id, kind } of cases) {
      await report.attempt('embedder', `${path} ${id}`, async () => {
        const actual = await embed(id, kind);
        const expected = golden.get(`${id}.embedding`);
        report.compare('embedder', `${path} ${id}`, relativeError(actual, expected), tolerance);
      });
    }
  } finally {
    await embedder.release();
  }
}
