import { builder } from './builder.ts';
import type { ImageFormat, ImageState } from './context.ts';
import { costs } from './field-cost.ts';
import { LatentType } from './latent.ts';
import { NodeInterface, nodeId } from './node.ts';
import { ReuseType } from './reuse.ts';
import { ScoreType } from './score.ts';

const ImageFormatType = builder.enumType('ImageFormat', {
  description: 'A file format of images.',
  values: {
    PNG: { value: 'PNG' as ImageFormat, description: 'Lossless, with the parameters that made it in its text chunks.' },
    WEBP: { value: 'WEBP' as ImageFormat, description: 'Small.' },
    JPEG: { value: 'JPEG' as ImageFormat, description: 'Small, and read everywhere.' },
  },
});

export const ImageType = builder.objectRef<ImageState>('Image').implement({
  description: 'A picture.',
  interfaces: [NodeInterface],
  fields: t => {
    const format = () =>
      t.arg({ type: ImageFormatType, required: true, defaultValue: 'PNG', description: 'The file’s format.' });
    return {
      id: t.id({ description: 'For `node`.', resolve: image => nodeId('Image', image.id) }),
      width: t.exposeInt('width', { description: 'Pixels.' }),
      height: t.exposeInt('height', { description: 'Pixels.' }),
      seed: t.expose('seed', { type: 'Seed', nullable: true, description: 'The seed of its noise.' }),
      url: t.string({
        description: 'Where the file is served. Absolute, and works without headers.',
        args: { format: format() },
        resolve: (image, args, { services }) => services.images.url(image, args.format),
      }),
      dataUri: t.string({
        description: 'The whole file as a `data:` URI. At most 10 a request; for more use `url`.',
        args: { format: format() },
        extensions: costs({ inlinesImage: true }),
        resolve: (image, args, { services, inlineImages }) => {
          inlineImages.take();
          return services.images.dataUri(image, args.format);
        },
      }),
      latent: t.field({
        type: LatentType,
        nullable: true,
        description:
          'The latent it was decoded from. Null for a picture that was never a latent: random pixels, a contact sheet.',
        resolve: (image, _, { services }) => (image.latentKey === null ? null : services.latents.find(image.latentKey)),
      }),
      reuse: t.field({
        type: ReuseType,
        nullable: true,
        description: 'What was not computed again for it. Null where that is not known.',
        resolve: image => image.reuse ?? null,
      }),
      score: t.field({
        type: ScoreType,
        nullable: true,
        description: 'What the discriminator says of it. Null where it was not asked.',
        resolve: image => image.score ?? null,
      }),
    };
  },
});
