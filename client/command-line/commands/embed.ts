import { likenessFrom } from '../arguments.ts';
import { command } from '../command.ts';
import { expectFree, fileOptions, save } from '../files.ts';
import { spaces } from '../names.ts';
import { choiceFrom } from '../numbers.ts';
import { UsageError } from '../troubles.ts';

export const embed = command({
  name: 'embed',
  places: ['TEXT|FILE|KEY…'],
  summary: 'makes vectors of pictures and texts, as features',
  about: 'One line of numbers each, pictures first, then texts; -o writes them as .safetensors.',
  example: 'darkroom embed cat.png dog.png -o features.safetensors',
  options: {
    ...fileOptions,
    space: { type: 'string', value: 'NAME', help: 'embedding, latent or prompt (embedding)' },
    checkpoint: { type: 'string', value: 'NAME', help: "whose encoders (the server's default)" },
  },
  async run({ values, words, darkroom, signal }) {
    const files = values.output === undefined ? [] : [values.output];
    await expectFree(files, values.force);
    const space = choiceFrom('space', values.space, spaces);
    const given = await Promise.all(words.map(likenessFrom));
    const images = given.flatMap(one =>
      'image' in one ? [one.image] : 'latentKey' in one ? [{ latentKey: one.latentKey }] : [],
    );
    const texts = given.flatMap(one => ('text' in one ? [one.text] : []));
    const server = await darkroom();
    const input = { images, texts, checkpoint: values.checkpoint, ...(space && { space }) };
    const made = await server.embed(input, { signal });
    const printed = await save(server, files.length > 0 ? [made.url] : [], files, { values, signal });
    if (files.length > 0) return { text: printed ?? files[0]!, json: { ...made, files } };
    if (!made.vectors) throw new UsageError('These are too many numbers to print: name a .safetensors file with -o');
    return { text: made.vectors.map(vector => vector.join(' ')).join('\n'), json: made };
  },
});
