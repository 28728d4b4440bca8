/** Scenes of the shipped checkpoint's world, and the ways in which people ask for them again: in other words, or changed. */
import { MersenneTwister } from '../../../models/noise/mersenne-twister.ts';

export interface Scene {
  /** One or two things, by their names in the vocabulary; the left or upper one first. */
  readonly things: readonly string[];
  /** Null with one thing. */
  readonly relation: 'left' | 'above' | null;
  readonly background: string;
}

/** An entry of a checkpoint's `vocabulary.json`. */
export interface Word {
  readonly phrase: string;
  readonly kind: string;
  readonly also: readonly string[];
}

const notThings = ['colour', 'size', 'relation', 'filler'];
/** What is said without an article. */
const bare =
  /^(trousers?|pants|jeans|.*bread|.*cheese|cherries|cherry|corn|maize|grapes|popcorn|fire|lightning.*|sunshine|sunglasses|shades|dark glasses|coffee|dice|(number|digit) .*)$/;

/** Draws scenes and words, the same for the same seed. */
export class SceneWriter {
  readonly #random: MersenneTwister;
  readonly #things: readonly Word[];
  readonly #colours: readonly string[];

  constructor(words: readonly Word[], seed: number) {
    this.#random = new MersenneTwister(seed);
    this.#things = words.filter(({ kind }) => !notThings.includes(kind));
    this.#colours = words.filter(({ kind }) => kind === 'colour').map(({ phrase }) => phrase);
    if (this.#things.length < 3 || this.#colours.length < 2) throw new Error('the vocabulary names too few things');
  }

  /** From 0 to below 1. */
  chance(): number {
    return this.#random.next() / 2 ** 32;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.chance() * items.length)]!;
  }

  seed(): number {
    return this.#random.next();
  }

  /** @param two whether it is of two things; default: of 45 % */
  scene(two = this.chance() < 0.45): Scene {
    const first = this.pick(this.#things).phrase;
    const things = two ? [first, this.#other(first)] : [first];
    return {
      things,
      relation: two ? this.pick(['left', 'above'] as const) : null,
      background: this.pick(this.#colours),
    };
  }

  /** The plainest words for it. */
  plain({ things, relation, background }: Scene): string {
    const said = things.map(named).join(relation === 'left' ? ' and ' : ' above ');
    return `${said} on a ${background} background`;
  }

  /** Other words for the same: another name, another order, another way to tell the colour. */
  paraphrase(scene: Scene): string {
    const plain = this.plain(scene);
    for (;;) {
      const names = scene.things.map(thing => named(this.#synonym(thing)));
      const [first, second] = names as [string, string];
      const said =
        scene.relation === null
          ? first
          : this.chance() < 0.5
            ? `${first} ${scene.relation === 'left' ? 'to the left of' : 'over'} ${second}`
            : `${second} ${scene.relation === 'left' ? 'to the right of' : 'below'} ${first}`;
      const { background } = scene;
      const text = this.pick([
        `${said} on a ${background} background`,
        `${said}, ${background} background`,
        `${background} background, ${said}`,
      ]);
      if (text !== plain) return text;
    }
  }

  /** With another background. */
  withColour(scene: Scene): Scene {
    return { ...scene, background: this.pick(this.#colours.filter(colour => colour !== scene.background)) };
  }

  /** With another thing in place of one. */
  withThing(scene: Scene): Scene {
    const at = Math.floor(this.chance() * scene.things.length);
    return { ...scene, things: scene.things.with(at, this.#other(...scene.things)) };
  }

  /** With its two things on each other's side. */
  withSide(scene: Scene): Scene {
    return { ...scene, things: scene.things.toReversed() };
  }

  #other(...than: readonly string[]): string {
    return this.pick(this.#things.filter(({ phrase }) => !than.includes(phrase))).phrase;
  }

  #synonym(thing: string): string {
    const also = this.#things.find(({ phrase }) => phrase === thing)?.also ?? [];
    return this.chance() < 0.6 && also.length > 0 ? this.pick(also) : thing;
  }
}

function named(thing: string): string {
  if (bare.test(thing)) return thing;
  return `${/^[aeiou]/i.test(thing) && !/^(unicorn|ufo|european)/i.test(thing) ? 'an' : 'a'} ${thing}`;
}

/** In what one scene differs from another: where what was asked for may be served wrong. */
export interface Changes {
  readonly colour: boolean;
  /** Places of things that are others. */
  readonly things: readonly number[];
  /** The same two things, on each other's side. */
  readonly side: boolean;
}

export function changesBetween(from: Scene, to: Scene): Changes {
  const side = to.things.length === 2 && to.things.join() === from.things.toReversed().join();
  const things = to.things.flatMap((thing, i) => (side || from.things.includes(thing) ? [] : [i]));
  return { colour: from.background !== to.background, things, side };
}
