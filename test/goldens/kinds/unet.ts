import { z } from 'zod';
import { createOnnxRuntime } from '../../../gpu-backend/onnxruntime-node.ts';
import { UNet } from '../../../models/unet.ts';
import { createModel, type GoldenComponent } from '../components.ts';
import { relativeError } from '../difference.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import { RecordingRuntime } from '../recording-runtime.ts';
import type { Report } from '../report.ts';

const schema = z.looseObject({
  cases: z.array(z.looseObject({ id: z.string(), timestep: z.union([z.number(), z.array(z.number())]) })),
});
export const unetTolerance = 3e-5;

/** Compares a UNet: its output for every case, and what its blocks make where the reference kept that. */
export async function compareUNet(
  folder: GoldenFolder,
  component: GoldenComponent,
  path: string,
  report: Report,
): Promise<void> {
  const { cases } = folder.json(`${path}.json`, schema);
  const golden = folder.tensors(`${path}.safetensors`);
  const recorder = new RecordingRuntime(component.checkpointFolder);
  const unet = createModel(
    component,
    part => new UNet(part, createOnnxRuntime({ folder: component.checkpointFolder })),
  );
  const watched = createModel(component, part => new UNet(part, recorder));
  try {
    for (const { id, timestep } of cases) {
      await report.attempt('UNet', `${path} ${id}`, async () => {
        const sample = golden.float(`${id}.sample`);
        const batch = sample.dims[0]!;
        const timesteps = Array.isArray(timestep) ? timestep : new Array<number>(batch).fill(timestep);
        const optional = (name: string) => (golden.has(`${id}.${name}`) ? golden.float(`${id}.${name}`) : null);
        const conditioning = {
          promptEmbeds: golden.float(`${id}.encoder_hidden_states`),
          pooled: optional('text_embeds'),
          timeIds: optional('time_ids'),
        };
        const out = await unet.predict(sample, timesteps, conditioning);
        report.compare('UNet', `${path} ${id}`, relativeError(out, golden.get(`${id}.out`)), unetTolerance);
        const inner = golden.namesUnder(`${id}.debug.`);
        if (inner.length > 0) await watched.predict(sample, timesteps, conditioning);
        for (const name of inner) {
          report.compare(
            'UNet, inner blocks',
            `${path} ${name}`,
            recorder.nearest(golden.get(name), batch),
            unetTolerance,
          );
        }
      });
    }
  } finally {
    await Promise.all([unet.release(), watched.release()]);
  }
}
