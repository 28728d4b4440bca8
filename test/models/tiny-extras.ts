import { Config } from '../../models/checkpoint/config.ts';
import { discriminatorConfig } from '../../models/discriminator/config.ts';
import { discriminatorGraph } from '../../models/discriminator/graph.ts';
import { embedderConfig } from '../../models/embedder/config.ts';
import { latentTowerGraph, textTowerGraph } from '../../models/embedder/graph.ts';
import { type Folder, weightsFor } from './tiny-checkpoint.ts';

/** What fits the tiny checkpoint. */
export const extraConfigs = {
  embedder: {
    _class_name: 'DarkroomEmbedder',
    latent_channels: 3,
    sample_size: 4,
    block_out_channels: [4, 6],
    norm_num_groups: 2,
    hidden_size: 6,
    text_width: 8,
    text_heads: 2,
    text_head_size: 3,
    projection_dim: 5,
    logit_scale: 12.5,
  },
  discriminator: {
    _class_name: 'DarkroomDiscriminator',
    sample_size: 8,
    block_out_channels: [4, 6],
    plain_blocks: 1,
    norm_num_groups: 2,
    hidden_size: 4,
    threshold: 0.25,
  },
};

/** Adds an embedder and a discriminator to a folder. */
export function withExtras(folder: Folder, configs = extraConfigs): Folder {
  const text = new TextEncoder();
  const embedder = embedderConfig(new Config('embedder/config.json', configs.embedder));
  const discriminator = discriminatorConfig(new Config('discriminator/config.json', configs.discriminator));
  return folder
    .set('embedder/config.json', text.encode(JSON.stringify(configs.embedder)))
    .set(
      'embedder/model.safetensors',
      weightsFor(
        graph => latentTowerGraph(embedder, graph),
        graph => textTowerGraph(embedder, graph),
      ),
    )
    .set('discriminator/config.json', text.encode(JSON.stringify(configs.discriminator)))
    .set(
      'discriminator/model.safetensors',
      weightsFor(graph => discriminatorGraph(discriminator, graph)),
    );
}
