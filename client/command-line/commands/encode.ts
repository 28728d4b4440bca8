import { fileFrom } from '../arguments.ts';
import { command } from '../command.ts';
import { expectFree, fileOptions, save } from '../files.ts';

export const encode = command({
  name: 'encode',
  places: ['FILE'],
  summary: 'makes a latent of a picture, and prints its key',
  about: 'The latent is kept by the server. With -o its file (.safetensors) is written, too.',
  example: 'darkroom encode cat.png -o cat.safetensors',
  options: {
    ...fileOptions,
    checkpoint: { type: 'string', value: 'NAME', help: "whose encoder (the server's default)" },
  },
  async run({ values, words, darkroom, signal }) {
    const files = values.output === undefined ? [] : [values.output];
    await expectFree(files, values.force);
    const file = await fileFrom(words[0]!);
    const server = await darkroom();
    const latent = await server.encode(file, {
      signal,
      ...(values.checkpoint !== undefined && { checkpoint: values.checkpoint }),
    });
    const printed = await save(server, files.length > 0 ? [latent.url] : [], files, { values, signal });
    return { text: printed ?? latent.key, json: { ...latent, files } };
  },
});
