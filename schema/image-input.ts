import { builder } from './builder.ts';

export const ImageInputType = builder.inputType('ImageInput', {
  description:
    'A picture, in one of these ways. PNG, JPEG or WebP, up to 6,291,456 pixels (3072×2048), as diffusers’ `load_image` reads it: turned as its EXIF says, what is transparent shown as if it were not. Where it would be encoded anyway, a `.safetensors` file with a tensor `latent` will do.',
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
