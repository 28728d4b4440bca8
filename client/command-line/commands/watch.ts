import { command } from '../command.ts';
import { generationFacts } from '../facts-of.ts';
import { followed } from '../follow.ts';
import { shown } from '../shown.ts';

export const watch = command({
  name: 'watch',
  places: ['ID'],
  summary: 'follows a generation to its end',
  about: 'Ctrl-C cancels it, as it does with generate.',
  example: 'darkroom watch "$(darkroom generate "a cat" --detach)"',
  options: {},
  async run(call) {
    const darkroom = await call.darkroom();
    const generation = await followed(darkroom.watch(call.words[0]!, { signal: call.signal }), call);
    await shown(darkroom, generation.images[0]?.url, call);
    return { text: generationFacts(generation), json: generation };
  },
});
