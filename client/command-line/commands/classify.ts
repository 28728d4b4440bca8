import { pictureFrom } from '../arguments.ts';
import { command } from '../command.ts';
import { numberFrom } from '../numbers.ts';
import { table } from '../table.ts';

export const classify = command({
  name: 'classify',
  places: ['FILE|KEY'],
  summary: 'says what a picture shows',
  example: `darkroom classify cat.png
darkroom classify cat.png --label "a cat" --label "a dog"`,
  options: {
    label: { type: 'string', value: 'TEXT', multiple: true, help: "what it may show (the vocabulary's things)" },
    number: { type: 'string', short: 'n', value: 'N', help: 'how many answers (5)' },
    checkpoint: { type: 'string', value: 'NAME', help: "whose embedder (the server's default)" },
  },
  async run({ values, words, darkroom, signal }) {
    const first = numberFrom('number', values.number) ?? 5;
    const picture = await pictureFrom(words[0]!);
    const classes = await (await darkroom()).classify(picture, {
      signal,
      first,
      ...(values.label && { labels: values.label }),
      ...(values.checkpoint !== undefined && { checkpoint: values.checkpoint }),
    });
    const rows = classes.map(({ label, probability, similarity }) => [
      label,
      `${(100 * probability).toFixed(1)} %`,
      similarity.toFixed(3),
    ]);
    return { text: table(['label', 'probability', 'similarity'], rows), json: classes };
  },
});
