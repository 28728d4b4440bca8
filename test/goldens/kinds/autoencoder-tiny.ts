import { z } from 'zod';
import { createOnnxRuntime } from '../../../gpu-backend/onnxruntime-node.ts';
import { AutoencoderTiny } from '../../../models/autoencoder-tiny.ts';
import type { FloatTensor } from '../../../models/runtime.ts';
import { UnsupportedError } from '../../../models/unsupported.ts';
import { createModel, type GoldenComponent } from '../components.ts';
import { relativeError } from '../difference.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import type { Report } from '../report.ts';
import { autoencoderTolerance } from './autoencoder.ts';

const schema = z.looseObject({ cases: z.array(z.looseObject({ id: z.string(), kind: z.string() })) });

/** Compares a tiny autoencoder both ways. Its latents in the reference are its own, not scaled. */
export async function compareAutoencoderTiny(
  folder: GoldenFolder,
  component: GoldenComponent,
  path: string,
  report: Report,
): Promise<void> {
  const { cases } = folder.json(`${path}.json`, schema);
  const golden = folder.tensors(`${path}.safetensors`);
  const runtime = createOnnxRuntime({ folder: component.checkpointFolder });
  const autoencoder = createModel(component, part => new AutoencoderTiny(part, runtime));
  const { scalingFactor } = autoencoder.config;
  const compare = (name: string, actual: FloatTensor) =>
    report.compare('preview', `${path} ${name}`, relativeError(actual, golden.get(name)), autoencoderTolerance);
  try {
    for (const { id, kind } of cases) {
      await report.attempt('preview', `${path} ${id}`, async () => {
        if (kind === 'encode') {
          const latent = await autoencoder.encode(golden.float(`${id}.image`));
          compare(`${id}.latents`, times(latent, 1 / scalingFactor));
        } else if (kind === 'decode') {
          const latent = times(golden.float(`${id}.latents`), scalingFactor);
          compare(`${id}.image`, await autoencoder.decode(latent));
        } else throw new UnsupportedError(`autoencoder case ${kind}`);
      });
    }
  } finally {
    await autoencoder.release();
  }
}

function times({ data, dims }: FloatTensor, factor: number): FloatTensor {
  return factor === 1 ? { data, dims } : { data: data.map(value => value * factor), dims };
}
