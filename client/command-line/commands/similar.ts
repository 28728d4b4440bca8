import { likenessFrom } from '../arguments.ts';
import { command } from '../command.ts';
import { spaces } from '../names.ts';
import { choiceFrom, numberFrom } from '../numbers.ts';
import { table } from '../table.ts';

export const similar = command({
  name: 'similar',
  places: ['TEXT|FILE|KEY'],
  summary: 'finds latents that are like a text, a picture or another latent',
  about: `What is compared: what they show (embedding), their codes (latent), or their prompts (prompt).`,
  example: `darkroom similar "a cat" -n 5
darkroom similar cat.png --space latent`,
  options: {
    space: { type: 'string', value: 'NAME', help: 'embedding, latent or prompt (embedding)' },
    number: { type: 'string', short: 'n', value: 'N', help: 'how many, at most 24 (10)' },
    least: { type: 'string', value: 'X', help: 'nothing that is less alike, -1 to 1' },
    checkpoint: { type: 'string', value: 'NAME', help: "which one (the server's default)" },
  },
  async run({ values, words, darkroom, signal }) {
    const space = choiceFrom('space', values.space, spaces);
    const first = numberFrom('number', values.number);
    const minSimilarity = numberFrom('least', values.least);
    const to = await likenessFrom(words[0]!);
    const { nodes } = await (await darkroom()).similar(to, {
      signal,
      ...(space && { space }),
      ...(first !== undefined && { first }),
      ...(minSimilarity !== undefined && { minSimilarity }),
      ...(values.checkpoint !== undefined && { checkpoint: values.checkpoint }),
    });
    const rows = nodes.map(({ similarity, latent }) => [
      similarity.toFixed(3),
      latent.key,
      latent.generation?.prompt ?? '',
    ]);
    return { text: table(['similarity', 'key', 'prompt'], rows), json: nodes };
  },
});
