import { builder } from './builder.ts';

export const ImageInputType = builder.inputType('ImageInput', {
  description:
    'A picture, in one of these ways. PNG, JPEG or WebP, up to 6,291,456 pixels (3072×2048), turned as its EXIF says. To start a generation from, it is read and scaled as diffusers does it: what is transparent is shown as if it were not, and other proportions are stretched. Everywhere else it is laid on white, and the largest part from its middle that has the checkpoint’s own proportions is scaled to its own size. Where it would be encoded anyway, a latent of that size will do: a `.dklat` file, or a `.safetensors` with a tensor `latent`.',
  isOneOf: true,
  fields: t => ({
    file: t.field({
      type: 'Upload',
      description: 'A file of a multipart request, up to 32 MB with all of the request.',
    }),
    data: t.string({ description: 'A file as base64 or as a `data:` URI, up to 8 MB with all of the request.' }),
    latentKey: t.string({ description: 'The key of a stored latent: its image.' }),
  }),
});
