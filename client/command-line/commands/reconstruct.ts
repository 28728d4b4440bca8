import { pictureFrom } from '../arguments.ts';
import { command } from '../command.ts';
import { addressOf, expectFree, fileOptions, formatOf, save } from '../files.ts';
import { shown } from '../shown.ts';
import { facts } from '../table.ts';

export const reconstruct = command({
  name: 'reconstruct',
  places: ['FILE'],
  summary: 'encodes a picture, decodes it again, and says how far off it is',
  example: 'darkroom reconstruct cat.png -o again.png',
  options: {
    ...fileOptions,
    checkpoint: { type: 'string', value: 'NAME', help: "whose autoencoder (the server's default)" },
  },
  async run(call) {
    const { values, words, signal } = call;
    const files = values.output === undefined ? [] : [values.output];
    const format = values.output === undefined ? 'png' : formatOf(values.output);
    await expectFree(files, values.force);
    const picture = await pictureFrom(words[0]!);
    const darkroom = await call.darkroom();
    const made = await darkroom.reconstruct(picture, {
      signal,
      ...(values.checkpoint !== undefined && { checkpoint: values.checkpoint }),
    });
    await shown(darkroom, made.image.url, call);
    const printed = await save(darkroom, files.length > 0 ? [addressOf(made.image, format)] : [], files, {
      values,
      signal,
    });
    const text = facts([
      ['PSNR', `${made.psnr.toFixed(1)} dB`],
      ['outlier', made.outlier === null ? null : `${made.outlier ? 'yes' : 'no'}, ${made.outlierScore?.toFixed(3)}`],
      ['bits/pixel', `${made.bitsPerPixelIn.toFixed(2)} sent, ${made.bitsPerPixelLatent.toFixed(2)} as a latent`],
      ['latent', made.latent.key],
      ['file', files[0]],
    ]);
    return { text: printed ?? text, json: { ...made, files } };
  },
});
