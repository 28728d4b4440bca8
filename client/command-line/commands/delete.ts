import { isKey } from '../arguments.ts';
import { command } from '../command.ts';

export const remove = command({
  name: 'delete',
  places: ['ID|KEY…'],
  summary: 'deletes generations, contact sheets, latents',
  about: 'With a generation go its pictures, and those of its latents that nobody else uses.',
  example: 'darkroom delete "$(darkroom list -n 1 --json | jq -r .[0].id)"',
  options: {},
  async run({ words, darkroom, signal }) {
    const server = await darkroom();
    for (const word of words) {
      if (isKey(word)) await server.deleteLatent(word, { signal });
      else await server.deleteGeneration(word, { signal });
    }
    return { text: words.map(word => `${word}  deleted`).join('\n'), json: { deleted: words } };
  },
});
