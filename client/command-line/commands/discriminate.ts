import { pictureFrom } from '../arguments.ts';
import { command } from '../command.ts';

export const discriminate = command({
  name: 'discriminate',
  places: ['FILE|KEY'],
  summary: 'says how much a picture looks like what the model learned from',
  example: 'darkroom discriminate cat.png',
  options: { checkpoint: { type: 'string', value: 'NAME', help: "whose discriminator (the server's default)" } },
  async run({ values, words, darkroom, signal }) {
    const picture = await pictureFrom(words[0]!);
    const verdict = await (await darkroom()).discriminate(picture, {
      signal,
      ...(values.checkpoint !== undefined && { checkpoint: values.checkpoint }),
    });
    const { score, real } = verdict;
    return { text: `${score.toFixed(3)}, ${real ? 'like the data' : 'unlike the data'}`, json: verdict };
  },
});
