/** A whole SDXL checkpoint that is small enough for tests: what differs from the plain one is put over it. */
import { Config } from '../../models/checkpoint/config.ts';
import { textEncoderConfig } from '../../models/text-encoder/config.ts';
import { textEncoderGraph } from '../../models/text-encoder/graph.ts';
import { unetConfig } from '../../models/unet/config.ts';
import { unetGraph } from '../../models/unet/graph.ts';
import { type Folder, tinyConfigs, tinyFolder, weightsFor } from './tiny-checkpoint.ts';

const second = { ...tinyConfigs.textEncoder, hidden_size: 4, num_hidden_layers: 3, projection_dim: 6 };

const unet = {
  ...tinyConfigs.unet,
  cross_attention_dim: 12,
  transformer_layers_per_block: [1, 2],
  use_linear_projection: true,
  addition_embed_type: 'text_time',
  addition_time_embed_dim: 4,
  projection_class_embeddings_input_dim: 6 + 6 * 4,
};

/** Every file of the checkpoint. @param index what `model_index.json` says beside its parts */
export function tinySdxlFolder(index: object = {}): Folder {
  const folder = tinyFolder();
  const json = (path: string, value: unknown) => folder.set(path, new TextEncoder().encode(JSON.stringify(value)));
  json('model_index.json', {
    ...tinyConfigs.index,
    _class_name: 'StableDiffusionXLPipeline',
    text_encoder_2: ['transformers', 'CLIPTextModelWithProjection'],
    tokenizer_2: ['transformers', 'CLIPTokenizer'],
    ...index,
  });
  json('text_encoder_2/config.json', second);
  json('unet/config.json', unet);
  for (const name of ['vocab.json', 'tokenizer_config.json', 'merges.txt']) {
    folder.set(`tokenizer_2/${name}`, folder.get(`tokenizer/${name}`)!);
  }
  const text = textEncoderConfig(new Config('text_encoder_2/config.json', second), true);
  folder.set(
    'text_encoder_2/model.safetensors',
    weightsFor(graph => textEncoderGraph(text, graph)),
  );
  const config = unetConfig(new Config('unet/config.json', unet));
  folder.set(
    'unet/diffusion_pytorch_model.safetensors',
    weightsFor(graph => unetGraph(config, graph)),
  );
  return folder;
}
