import { pictureFrom } from '../arguments.ts';
import { command } from '../command.ts';
import { expectFree, fileOptions, save } from '../files.ts';
import { numberFrom } from '../numbers.ts';
import { table } from '../table.ts';

export const compress = command({
  name: 'compress',
  places: ['FILE|KEY'],
  summary: 'makes a .dklat of a picture: a few hundred bytes, beside JPEG and WebP',
  about: `darkroom decode makes a picture of the file again.`,
  example: `darkroom compress cat.png -o cat.dklat
darkroom compress cat.png --bits 3`,
  options: {
    ...fileOptions,
    bits: { type: 'string', value: 'N', help: 'of each value of the latent, 2 to 8' },
    checkpoint: { type: 'string', value: 'NAME', help: "whose autoencoder (the server's default)" },
  },
  async run({ values, words, darkroom, signal }) {
    const files = values.output === undefined ? [] : [values.output];
    await expectFree(files, values.force);
    const bits = numberFrom('bits', values.bits);
    const picture = await pictureFrom(words[0]!);
    const server = await darkroom();
    const made = await server.compress(picture, {
      signal,
      ...(bits !== undefined && { bits }),
      ...(values.checkpoint !== undefined && { checkpoint: values.checkpoint }),
    });
    const printed = await save(server, files.length > 0 ? [made.url] : [], files, { values, signal });
    const rows = [
      ['.dklat', made.bytes, made.psnr.toFixed(1)],
      ...made.rivals.map(({ codec, quality, bytes, psnr: own }) => [`${codec} ${quality}`, bytes, own.toFixed(1)]),
    ];
    return { text: printed ?? table(['codec', 'bytes', 'PSNR/dB'], rows), json: { ...made, files } };
  },
});
