import type { RandomImageKind } from '../../sdk/index.ts';
import { command } from '../command.ts';
import { addressOf, expectFree, fileOptions, formatOf, freeName, save, slug } from '../files.ts';
import { choiceFrom, seedFrom, sizeFrom } from '../numbers.ts';
import { shown } from '../shown.ts';

export const random = command({
  name: 'random',
  places: [],
  summary: 'makes a picture by chance: in its pixels, its latent, or what it shows',
  example: 'darkroom random --kind latent --seed 3 -o chance.png',
  options: {
    ...fileOptions,
    kind: { type: 'string', value: 'NAME', help: 'pixels, latent or data (data)' },
    seed: { type: 'string', value: 'N', help: 'what is drawn from (a random one)' },
    size: { type: 'string', value: 'WxH', help: "pixels (the checkpoint's own)" },
    checkpoint: { type: 'string', value: 'NAME', help: "which one (the server's default)" },
  },
  async run(call) {
    const { values, signal } = call;
    const kind = choiceFrom('kind', values.kind, ['PIXELS', 'LATENT', 'DATA'] satisfies RandomImageKind[]) ?? 'DATA';
    const format = values.output === undefined ? 'png' : formatOf(values.output);
    if (values.output !== undefined) await expectFree([values.output], values.force);
    const input = { kind, seed: seedFrom(values.seed), checkpoint: values.checkpoint, ...sizeFrom(values.size) };
    const darkroom = await call.darkroom();
    const { image, seed } = await darkroom.randomImage(input, { signal });
    const file = values.output ?? (await freeName(slug(`random ${kind} ${seed}`), '.png', values.force));
    await shown(darkroom, image.url, call);
    const printed = await save(darkroom, [addressOf(image, format)], [file], { values, signal });
    return { text: printed ?? `${file}  seed ${seed}`, json: { image, seed, files: [file] } };
  },
});
