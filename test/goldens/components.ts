import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { type Component, openComponent as openPart } from '../../models/checkpoint/component.ts';
import { Config } from '../../models/checkpoint/config.ts';
import { CheckpointError } from '../../models/checkpoint/error.ts';
import { UnsupportedError } from '../../models/unsupported.ts';
import { GoldenError, type GoldenFolder } from './golden-folder.ts';

const supported = [
  'CLIPTextModel',
  'CLIPTextModelWithProjection',
  'UNet2DConditionModel',
  'AutoencoderKL',
  'AutoencoderTiny',
  'DarkroomEmbedder',
  'DarkroomDiscriminator',
] as const;

/** The classes of models that a component's config can describe and Darkroom computes. */
export type ModelClass = (typeof supported)[number];

/** One part of a checkpoint, not opened as a whole: other parts may be missing or of a kind that is not supported. */
export interface GoldenComponent extends Component {
  readonly class: ModelClass;
  /** The folder its `name` is relative to, on disk: what the runtime needs. */
  readonly checkpointFolder: string;
}

/**
 * @param path of the component's folder, e.g. `checkpoints/sd1-tiny/unet`
 * @throws GoldenError, CheckpointError when files are missing or malformed
 * @throws UnsupportedError when it is of a class that Darkroom does not compute
 */
export async function openComponent(folder: GoldenFolder, path: string): Promise<GoldenComponent> {
  const [, parent, name] = /^(.*?)\/?([^/]+)\/?$/.exec(path)!;
  if (!folder.has(`${path}/config.json`)) throw new GoldenError(`${path}/config.json: no such file`);
  const checkpointFolder = folder.path(parent!);
  const files = checkpointFiles(checkpointFolder);
  const config = await Config.read(files, `${name}/config.json`);
  const component = await openPart(files, new Set(await files.list()), name!, modelClass(config));
  return { ...component, class: modelClass(config), checkpointFolder };
}

/** diffusers writes `_class_name`, transformers `architectures`. */
export function modelClass(config: Config): ModelClass {
  const architectures = config.value('architectures');
  const name = config.value('_class_name') ?? (Array.isArray(architectures) ? architectures[0] : undefined);
  const found = supported.find(each => each === name);
  if (!found) throw new UnsupportedError(String(name));
  return found;
}

/** Options that make another network of the same class. What else a config can say wrong is an error. */
const variants = new Set([
  'act_fn',
  'addition_embed_type',
  'attention_type',
  'center_input_sample',
  'class_embed_type',
  'class_embeddings_concat',
  'conv_in_kernel',
  'conv_out_kernel',
  'cross_attention_norm',
  'down_block_types',
  'dual_cross_attention',
  'encoder_hid_dim',
  'encoder_hid_dim_type',
  'hidden_act',
  'mid_block_only_cross_attention',
  'mid_block_scale_factor',
  'mid_block_type',
  'num_attention_heads',
  'num_class_embeds',
  'only_cross_attention',
  'resnet_out_scale_factor',
  'resnet_skip_time_act',
  'resnet_time_scale_shift',
  'time_cond_proj_dim',
  'time_embedding_act_fn',
  'time_embedding_dim',
  'time_embedding_type',
  'timestep_post_act',
  'up_block_types',
  'use_attention_mask',
]);

/**
 * Creates a model from a component.
 * @throws UnsupportedError when its config asks for a variant that is not supported
 */
export function createModel<M>(component: GoldenComponent, create: (component: Component) => M): M {
  try {
    return create(component);
  } catch (error) {
    throw unsupportedVariant(error, component.class) ?? error;
  }
}

/**
 * What an error says of a network that is not supported; null where it says that something is wrong.
 * @param what the network is called
 */
export function unsupportedVariant(error: unknown, what: string): UnsupportedError | null {
  if (!(error instanceof CheckpointError) || error.key === null) return null;
  const { key, found } = error;
  // Without groups there are no norms at all.
  if (!variants.has(key) && !(key === 'norm_num_groups' && found === 'null')) return null;
  return new UnsupportedError(`${what} with ${key} ${found}`);
}
