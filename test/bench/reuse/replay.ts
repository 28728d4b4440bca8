/** Asks a running Darkroom for the requests of a trace, through its API, and remembers what it says of each. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askGraphql } from '../../ask-graphql.ts';
import type { Request } from './trace.ts';

export type Policy = 'NONE' | 'EXACT' | 'APPROXIMATE';

/** An image, and what was not computed for it. */
export interface Answer {
  readonly key: string;
  readonly seed: number;
  readonly kind: Policy;
  readonly skipped: number;
  readonly steps: number;
  readonly similarity: number | null;
  readonly source: string | null;
  /** Where the picture's bytes are. */
  readonly url: string;
}

const generate = `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Error { code message }
  ... on RetryLaterError { retryAfterMs } ... on GenerateSuccess { generation { status failure { message }
    images { seed url latent { key } reuse { kind skippedSteps ofSteps similarity source { key } } } } } } }`;

export class Replay {
  readonly #url: string;

  /** @param url of the server, without a path */
  constructor(url: string) {
    this.#url = url;
  }

  /** @throws Error when there is no picture in the end */
  async ask({ prompt }: Pick<Request, 'prompt'>, seed: number | null, reuse: Policy): Promise<Answer> {
    for (;;) {
      const { generate: made } = await askGraphql(this.#url, generate, {
        input: { prompt, seed, reuse, wait: 60_000 },
      });
      const [image] = made.generation?.images ?? [];
      if (!image && made.retryAfterMs) {
        await new Promise(resolve => setTimeout(resolve, made.retryAfterMs));
        continue;
      }
      if (!image) throw new Error(`no picture of ${JSON.stringify(prompt)}: ${JSON.stringify(made)}`);
      const { kind, skippedSteps, ofSteps, similarity, source } = image.reuse;
      return {
        key: image.latent.key,
        seed: image.seed,
        kind,
        skipped: skippedSteps,
        steps: ofSteps,
        similarity,
        source: source?.key ?? null,
        url: image.url,
      };
    }
  }

  /** How alike two images are: cosines, and the distance of their latents. */
  async compare(a: Answer, b: Answer): Promise<{ readonly embedding: number; readonly distance: number }> {
    const query = 'query ($a: String!, $b: String!) { similarity(aKey: $a, bKey: $b) { embedding distance } }';
    return (await askGraphql(this.#url, query, { a: a.key, b: b.key })).similarity;
  }

  /** @returns the picture's file in `folder` */
  async save({ url, key }: Answer, folder: string): Promise<string> {
    const file = join(folder, `${key}.png`);
    writeFileSync(file, new Uint8Array(await (await fetch(url)).arrayBuffer()));
    return file;
  }
}

export interface Savings {
  /** Of all requests together. */
  readonly steps: number;
  readonly exact: number;
  readonly approximate: number;
}

export function savingsOf(answers: readonly Answer[]): Savings {
  const sum = (some: readonly Answer[]) => some.reduce((total, { skipped }) => total + skipped, 0);
  // What was asked for again would have been there, however it was made at first: that is EXACT's to save.
  const isRepeat = answers.map(({ key }, i) => answers.findIndex(each => each.key === key) < i);
  const approximate = answers.filter(({ kind }, i) => kind === 'APPROXIMATE' && !isRepeat[i]);
  return {
    steps: answers.reduce((total, { steps }) => total + steps, 0),
    exact: sum(answers) - sum(approximate),
    approximate: sum(approximate),
  };
}
