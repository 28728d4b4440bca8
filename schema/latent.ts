import { builder } from './builder.ts';
import { CheckpointType } from './checkpoint.ts';
import type { InputIssue, LatentService, LatentState } from './context.ts';
import { InputError, RequestError } from './errors.ts';
import { GenerationType } from './generation.ts';
import { ImageType } from './image.ts';
import { NodeInterface, nodeId } from './node.ts';

export const LatentType = builder.objectRef<LatentState>('Latent');

LatentType.implement({
  description: 'The invisible picture: what denoising leaves and the autoencoder decodes.',
  interfaces: [NodeInterface],
  fields: t => ({
    id: t.id({ description: 'For `node`.', resolve: latent => nodeId('Latent', latent.key) }),
    key: t.exposeString('key', { description: 'SHA-256 of the recipe, lower-case hex: what was asked.' }),
    digest: t.exposeString('digest', { description: 'SHA-256 of the tensor’s bytes, lower-case hex: what is stored.' }),
    shape: t.intList({ description: '`[channels, height, width]`.', resolve: latent => [...latent.shape] }),
    dtype: t.exposeString('dtype', { description: 'The type of its numbers as safetensors names it, such as `F32`.' }),
    bytes: t.exposeInt('bytes', { description: 'The size of the tensor in bytes.' }),
    checkpointDigest: t.exposeString('checkpointDigest', { description: 'The digest of the checkpoint that made it.' }),
    checkpoint: t.field({
      type: CheckpointType,
      nullable: true,
      description: 'The checkpoint that made it. Null when the server no longer has it.',
      resolve: (latent, _, { services }) => services.checkpoints.findByDigest(latent.checkpointDigest),
    }),
    generation: t.field({
      type: GenerationType,
      nullable: true,
      description: 'The oldest kept generation that made it; null for one that was encoded from a picture or sent.',
      resolve: (latent, _, { services }) =>
        latent.generationId === null ? null : services.generations.find(latent.generationId),
    }),
    url: t.string({
      description:
        'A .safetensors file with one tensor, `latent`, scaled as diffusers scales it. Absolute, and works without headers.',
      resolve: (latent, _, { services }) => services.latents.url(latent.key),
    }),
    image: t.field({
      type: ImageType,
      nullable: true,
      description:
        'What it looks like: the image that its generation made of it, else decoded when first asked for; null with an error when no backend answers. Of latents that nobody has looked at yet, at most 10 a request.',
      resolve: async (latent, _, { services, decodings }) => {
        const generation = latent.generationId === null ? null : await services.generations.find(latent.generationId);
        const made = generation?.images.find(({ latentKey }) => latentKey === latent.key);
        if (made) return made;
        if (!latent.isDecoded) decodings.take();
        return services.latents.image(latent);
      },
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was first stored.' }),
  }),
});

/** What is wrong with a key, whether there is such a latent or not. @param path of the key, from the argument on */
export function latentKeyIssues(key: string, path: readonly string[]): readonly InputIssue[] {
  return /^[0-9a-f]{64}$/.test(key) ? [] : [{ path, message: `${path.at(-1)} is not 64 lower-case hex digits` }];
}

/**
 * @param path of the key, from the argument on
 * @throws InputError for what is no key, RequestError NOT_FOUND
 */
export async function findLatent(
  latents: Pick<LatentService, 'find'>,
  key: string,
  path: readonly string[],
): Promise<LatentState> {
  const issues = latentKeyIssues(key, path);
  if (issues.length > 0) throw new InputError(issues);
  const latent = await latents.find(key);
  if (latent === null) throw new RequestError('NOT_FOUND', `There is no latent ${key}`);
  return latent;
}

builder.queryField('latent', t =>
  t.field({
    type: LatentType,
    nullable: true,
    description: 'A stored latent by its key. NOT_FOUND for a key that the server does not have.',
    args: { key: t.arg.string({ required: true, description: 'Its key: 64 lower-case hex digits.' }) },
    resolve: (_, { key }, { services }) => findLatent(services.latents, key, ['key']),
  }),
);
