import { z } from 'zod';
import { openComponent } from '../components.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import type { Report } from '../report.ts';
import { compareAutoencoder } from './autoencoder.ts';
import { compareAutoencoderTiny } from './autoencoder-tiny.ts';
import { compareDiscriminator } from './discriminator.ts';
import { compareEmbedder } from './embedder.ts';
import { compareTextEncoder } from './text-encoder.ts';
import { compareUNet } from './unet.ts';

const schema = z.looseObject({ checkpoint: z.string() });

const comparisons = {
  CLIPTextModel: compareTextEncoder,
  CLIPTextModelWithProjection: compareTextEncoder,
  UNet2DConditionModel: compareUNet,
  AutoencoderKL: compareAutoencoder,
  AutoencoderTiny: compareAutoencoderTiny,
  DarkroomEmbedder: compareEmbedder,
  DarkroomDiscriminator: compareDiscriminator,
} as const;

/** Compares the parts of checkpoints one by one. What a part is, its config says. */
export async function compareComponents(folder: GoldenFolder, report: Report): Promise<void> {
  for (const checkpoint of folder.list('components')) {
    for (const file of folder.filesEnding('.json', `components/${checkpoint}`)) {
      const path = file.replace(/\.json$/, '');
      await report.attempt('components', path, async () => {
        const component = await openComponent(folder, folder.json(file, schema).checkpoint);
        await comparisons[component.class](folder, component, path, report);
        for (const name of folder.tensors(`${path}.safetensors`).unread) {
          report.skip(
            `tensor ${name.replace(/^[^.]*\d+\./, '')} of ${component.class}`,
            'components',
            `${path} ${name}`,
          );
        }
      });
    }
  }
}
