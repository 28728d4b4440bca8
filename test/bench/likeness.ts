/**
 * What similarity is worth, with the shipped checkpoint, through the API: see `--help`.
 */
import { parseArgs } from 'node:util';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import { cosine } from '../../worker/similarity/cosine.ts';
import { areaUnderCurve } from './area-under-curve.ts';
import { DarkroomProcess } from './darkroom-process.ts';

const help = `npm run bench:likeness [-- --things N --each N]

Draws 20 things, 10 times each, in 2 prompts (on two backgrounds) of 5 seeds, which takes minutes. Prints

- LATENT: the area under the curve of telling pictures of one prompt from those of others by their similarity;
- EMBEDDING: how many of the nearest 5 to a thing's name, and to a picture of it, show that thing, if the checkpoint has
  an embedder;

each beside the least that it may be; the exit code is 1 when one is missed.`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    things: { type: 'string', default: '20' },
    each: { type: 'string', default: '10' },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const [thingCount, each] = [Number(values.things), Number(values.each)];

interface Picture {
  readonly thing: string;
  readonly background: string;
  readonly key: string;
  readonly latent: Float32Array;
}

const darkroom = await DarkroomProcess.start();
let missed = false;
try {
  const { url } = await darkroom.ready();
  const ask = asking(`${url}/graphql`);
  const { checkpoint } = await ask(
    '{ checkpoint { spaces vocabulary(first: 100) { edges { node { phrase kind } } } colours: vocabulary(first: 4, kind: "colour") { edges { node { phrase } } } } }',
  );
  const phrases = (edges: readonly { node: { phrase: string } }[]) => edges.map(({ node }) => node.phrase);
  const things = phrases(checkpoint.vocabulary.edges).filter(
    (_, i, all) => i % Math.floor(all.length / thingCount) === 0,
  );
  const backgrounds = phrases(checkpoint.colours.edges);

  const pictures: Picture[] = [];
  for (const [i, thing] of things.slice(0, thingCount).entries()) {
    for (let n = 0; n < each; n++) {
      const background = backgrounds[(i + (n % 2)) % backgrounds.length]!;
      const prompt = `${named(thing)} on a ${background} background`;
      const { key, file } = await draw(ask, prompt, 1_000 * i + n);
      const latent = readSafetensors(new Uint8Array(await (await fetch(file)).arrayBuffer())).get('latent')!;
      pictures.push({ thing, background, key, latent: latent.data as Float32Array });
    }
    console.error(`${pictures.length} of ${thingCount * each}`);
  }

  const same: number[] = [];
  const sameBackground: number[] = [];
  const others: number[] = [];
  for (const [i, a] of pictures.entries()) {
    for (const b of pictures.slice(0, i)) {
      const onSame = a.background === b.background;
      const list = !onSame ? others : a.thing === b.thing ? same : sameBackground;
      list.push(cosine(a.latent, b.latent));
    }
  }
  tell('LATENT, one prompt against all others, AUC', areaUnderCurve(same, [...sameBackground, ...others]), 0.9);
  tell('LATENT, one prompt against others on the same background, AUC', areaUnderCurve(same, sameBackground), null);

  if (checkpoint.spaces.includes('EMBEDDING')) {
    const thingOf = new Map(pictures.map(({ key, thing }) => [key, thing]));
    const share = async (to: string, thing: string) => {
      const { similar } = await ask(`{ similar(to: { ${to} }, first: 5) { edges { node { key } } } }`);
      const found = similar.edges.map(({ node }: { node: { key: string } }) => thingOf.get(node.key));
      return found.filter((other: string | undefined) => other === thing).length / 5;
    };
    const byText: number[] = [];
    for (const thing of things) byText.push(await share(`text: "${named(thing)}"`, thing));
    tell('EMBEDDING, the nearest 5 to a name show that thing', mean(byText), 0.9);
    const byLatent: number[] = [];
    for (const { key, thing } of pictures) byLatent.push(await share(`latentKey: "${key}"`, thing));
    tell('EMBEDDING, the nearest 5 to a picture show the same thing', mean(byLatent), 0.9);
  } else console.log('EMBEDDING: the checkpoint has no embedder');
} finally {
  await darkroom.stop();
  await darkroom.forget();
}
process.exitCode = missed ? 1 : 0;

function tell(what: string, figure: number, least: number | null): void {
  const isLess = least !== null && figure < least;
  missed ||= isLess;
  const bar = least === null ? '' : `   at least ${least}${isLess ? '   MISSED' : ''}`;
  console.log(`${what.padEnd(64)}${figure.toFixed(3)}${bar}`);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function named(thing: string): string {
  return `${/^[aeiou]/.test(thing) ? 'an' : 'a'} ${thing}`;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
type Ask = (query: string) => Promise<any>;

function asking(url: string): Ask {
  return async query => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data, errors } = (await answer.json()) as { data: unknown; errors?: readonly { message: string }[] };
    if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
    return data;
  };
}

async function draw(ask: Ask, prompt: string, seed: number): Promise<{ readonly key: string; readonly file: string }> {
  const { generate } = await ask(`mutation { generate(input: { prompt: "${prompt}", seed: ${seed}, wait: 60000 }) {
    ... on Error { message } ... on GenerateSuccess { generation { status images { latent { key url } } } } } }`);
  const [image] = generate.generation?.images ?? [];
  if (!image) throw new Error(`no picture of ${prompt}: ${JSON.stringify(generate)}`);
  return { key: image.latent.key, file: image.latent.url };
}
