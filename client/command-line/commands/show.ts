import { RequestError } from '../../sdk/index.ts';
import { isKey } from '../arguments.ts';
import { command } from '../command.ts';
import { generationFacts } from '../facts-of.ts';
import { shown } from '../shown.ts';
import { facts } from '../table.ts';

export const show = command({
  name: 'show',
  places: ['ID|KEY'],
  summary: 'tells all of a generation, or of a latent',
  example: 'darkroom show "$(darkroom list -n 1 --json | jq -r .[0].id)"',
  options: {},
  async run(call) {
    const [word] = call.words as [string];
    const { signal } = call;
    const darkroom = await call.darkroom();
    if (isKey(word)) {
      const latent = await darkroom.latent(word, { signal });
      await shown(darkroom, latent.image?.url, call);
      return {
        text: facts([
          ['key', latent.key],
          ['shape', latent.shape.join(' × ')],
          ['bytes', latent.bytes],
          ['digest', latent.digest],
          ['created', latent.createdAt],
          ['prompt', latent.generation?.prompt],
          ['generation', latent.generation?.id],
          ['image', latent.image?.url],
          ['file', latent.url],
        ]),
        json: latent,
      };
    }
    const generation = await darkroom.generation(word, { signal });
    if (!generation) throw new RequestError('NOT_FOUND', `There is no generation ${word}: see darkroom list`);
    await shown(darkroom, generation.images[0]?.url, call);
    return { text: generationFacts(generation), json: generation };
  },
});
