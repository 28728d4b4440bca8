import { z } from 'zod';
import { createOnnxRuntime } from '../../../gpu-backend/onnxruntime-node.ts';
import { Autoencoder } from '../../../models/autoencoder.ts';
import { TorchGenerator } from '../../../models/noise.ts';
import { UnsupportedError } from '../../../models/unsupported.ts';
import { createModel, type GoldenComponent } from '../components.ts';
import { type Numbers, relativeError } from '../difference.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import { RecordingRuntime } from '../recording-runtime.ts';
import type { Report } from '../report.ts';

const schema = z.looseObject({
  cases: z.array(
    z.looseObject({
      id: z.string(),
      kind: z.string(),
      sample_seed: z.union([z.int(), z.string().regex(/^-?\d+$/)]).optional(),
    }),
  ),
});
export const autoencoderTolerance = 2e-5;

/** Compares an autoencoder both ways, and what its blocks make where the reference kept that. */
export async function compareAutoencoder(
  folder: GoldenFolder,
  component: GoldenComponent,
  path: string,
  report: Report,
): Promise<void> {
  const { cases } = folder.json(`${path}.json`, schema);
  const golden = folder.tensors(`${path}.safetensors`);
  const recorder = new RecordingRuntime(component.checkpointFolder);
  const runtime = createOnnxRuntime({ folder: component.checkpointFolder });
  const autoencoder = createModel(component, part => new Autoencoder(part, runtime));
  const watched = createModel(component, part => new Autoencoder(part, recorder));
  const compare = (kind: string, name: string, actual: Numbers) => {
    if (!golden.has(name)) return;
    report.compare(kind, `${path} ${name}`, relativeError(actual, golden.get(name)), autoencoderTolerance);
  };
  const compareInner = (kind: string, id: string, batch: number) => {
    for (const name of golden.namesUnder(`${id}.debug.`)) {
      report.compare(kind, `${path} ${name}`, recorder.nearest(golden.get(name), batch), autoencoderTolerance);
    }
  };
  try {
    for (const { id, kind, sample_seed: seed } of cases) {
      await report.attempt(`image ${kind}r`, `${path} ${id}`, async () => {
        if (kind === 'encode') {
          const image = golden.float(`${id}.image`);
          const posterior = await autoencoder.encode(image);
          compare('image encoder', `${id}.mode`, posterior.mean);
          compare('image encoder', `${id}.std`, posterior.std);
          if (seed !== undefined) {
            const noise = new TorchGenerator(BigInt(seed)).randn(posterior.mean.dims);
            compare('image encoder', `${id}.sample`, posterior.sample(noise));
          }
          await watched.encode(image);
          const moments = golden.get(`${id}.moments`);
          const error = recorder.nearest(moments, image.dims[0]!);
          report.compare('image encoder', `${path} ${id}.moments`, error, autoencoderTolerance);
          compareInner('image encoder, inner blocks', id, image.dims[0]!);
        } else if (kind === 'decode') {
          const latents = golden.float(`${id}.latents`);
          compare('image decoder', `${id}.image`, await autoencoder.decode(latents));
          if (golden.namesUnder(`${id}.debug.`).length > 0) await watched.decode(latents);
          compareInner('image decoder, inner blocks', id, latents.dims[0]!);
        } else throw new UnsupportedError(`autoencoder case ${kind}`);
      });
    }
  } finally {
    await Promise.all([autoencoder.release(), watched.release()]);
  }
}
