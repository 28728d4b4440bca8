import { fileFrom, isKey } from '../arguments.ts';
import { command } from '../command.ts';
import { addressOf, expectFree, fileOptions, formatOf, numbered, save } from '../files.ts';
import { countFrom } from '../numbers.ts';
import { UsageError } from '../troubles.ts';

export const interpolate = command({
  name: 'interpolate',
  places: ['KEY|FILE', 'KEY|FILE'],
  summary: 'makes pictures on the way from one latent to another',
  example: 'darkroom interpolate cat.png dog.png -n 5 -o way.png   # way-1.png to way-5.png',
  options: {
    ...fileOptions,
    number: { type: 'string', short: 'n', value: 'N', help: 'how many, both ends included, 2 to 64 (8)' },
  },
  async run({ values, words, darkroom, signal }) {
    // Before so many names are made.
    const count = countFrom('number', values.number, [2, 64]) ?? 8;
    if (values.output === undefined) throw new UsageError('Name the files with -o: way.png is way-1.png, way-2.png, …');
    const format = formatOf(values.output);
    const files = numbered(values.output, count);
    await expectFree(files, values.force);
    const sent = await Promise.all(words.map(async word => (isKey(word) ? word : await fileFrom(word))));
    const server = await darkroom();
    const keys = await Promise.all(
      sent.map(async one => (typeof one === 'string' ? one : (await server.encode(one, { signal })).key)),
    );
    const images = await server.interpolate({ fromKey: keys[0]!, toKey: keys[1]!, count }, { signal });
    const urls = images.map(image => addressOf(image, format));
    await save(server, urls, files, { values, signal });
    return { text: files.join('\n'), json: { images, files } };
  },
});
