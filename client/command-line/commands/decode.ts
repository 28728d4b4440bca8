import { fileFrom, isKey } from '../arguments.ts';
import { command } from '../command.ts';
import { addressOf, expectFree, fileOptions, formatOf, freeName, save, slug } from '../files.ts';
import { shown } from '../shown.ts';
import { FileError } from '../troubles.ts';

export const decode = command({
  name: 'decode',
  places: ['KEY|FILE'],
  summary: 'makes a picture of a latent: a key, a .safetensors or a .dklat',
  example: `darkroom decode cat.dklat -o cat.png
darkroom decode "$(darkroom encode cat.png)" -o again.webp`,
  options: {
    ...fileOptions,
    checkpoint: { type: 'string', value: 'NAME', help: "of a file: whose decoder (the server's default)" },
  },
  async run(call) {
    const { values, words, signal } = call;
    const [word] = words as [string];
    const format = values.output === undefined ? 'png' : formatOf(values.output);
    if (values.output !== undefined) await expectFree([values.output], values.force);
    const sent = isKey(word)
      ? null
      : await fileFrom(word, 'a latent’s key (64 hex digits), a .safetensors or a .dklat');
    const checkpoint = values.checkpoint === undefined ? {} : { checkpoint: values.checkpoint };
    const darkroom = await call.darkroom();
    const key = sent ? (await darkroom.encode(sent, { signal, ...checkpoint })).key : word;
    const latent = await darkroom.latent(key, { signal });
    if (!latent.image) throw new FileError(`The latent ${key} has no picture`);
    const file =
      values.output ?? (await freeName(slug(latent.generation?.prompt ?? key.slice(0, 12)), '.png', values.force));
    await shown(darkroom, latent.image.url, call);
    const printed = await save(darkroom, [addressOf(latent.image, format)], [file], { values, signal });
    return { text: printed ?? file, json: { ...latent, files: [file] } };
  },
});
