/**
 * `npm run bench:similarity`: the embedded similarity index under Miniflare, as it grows to 100,000 vectors of 256
 * numbers: how long a search takes, what is kept in memory, and whether it finds what comparing with every vector finds.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { cosine } from '../../worker/similarity/cosine.ts';
import { byNearness, type Collection, type Match } from '../../worker/similarity/similarity-index.ts';
import type { Size } from '../../worker/similarity/similarity-shard.ts';
import { SimilarityHouse } from '../edge/similarity-house.ts';
import { type Lying, syntheticVector } from '../edge/synthetic-vectors.ts';

const { values } = parseArgs({
  options: { help: { type: 'boolean' }, most: { type: 'string', default: '100000' } },
});
if (values.help) {
  console.log('npm run bench:similarity [-- --most N]   up to N vectors; 100,000 without it, which takes minutes');
  process.exit(0);
}

const dimensions = 256;
const limit = 10;
const queries = 20;
const mostMs = 300;
const mostBytes = 48_000_000;
const most = Number(values.most);
const sizes = [1_000, 3_000, 10_000, 30_000, 100_000].filter(size => size <= most);
if (sizes.length === 0) throw new Error(`--most ${values.most}: expected at least 1000`);

const queryOf = (i: number, lying: Lying) => syntheticVector(10_000_000 + i, dimensions, lying).numbers;

/** Compares with every vector there is. */
class BruteForce {
  readonly #lying: Lying;
  readonly #all: { readonly id: string; readonly numbers: Float32Array }[] = [];

  constructor(lying: Lying) {
    this.#lying = lying;
  }

  growTo(count: number): void {
    while (this.#all.length < count) this.#all.push(syntheticVector(this.#all.length, dimensions, this.#lying));
  }

  nearest(numbers: Float32Array): Match[] {
    const matches = this.#all.map(other => ({ id: other.id, similarity: cosine(numbers, other.numbers) }));
    return matches.sort(byNearness).slice(0, limit);
  }
}

interface Row {
  readonly vectors: number;
  readonly put: number;
  readonly cold: number;
  readonly median: number;
  readonly slowest: number;
  readonly cpu: number;
  readonly recall: number;
  readonly size: Size;
  readonly resident: number | null;
}

async function grow(lying: Lying): Promise<Row[]> {
  const house = await SimilarityHouse.build();
  const collection: Collection = { checkpointDigest: 'c'.repeat(64), space: 'EMBEDDING', shape: [dimensions] };
  const bruteForce = new BruteForce(lying);
  const rows: Row[] = [];
  const search = async (numbers: Float32Array) => {
    const began = performance.now();
    const query = { numbers: [...numbers], limit };
    const found = await house.ask<Match[]>(collection, { call: 'nearest', query });
    return { found, ms: performance.now() - began };
  };
  try {
    let filled = 0;
    for (const size of sizes) {
      const began = performance.now();
      const added = size - filled;
      for (; filled < size; filled = Math.min(size, filled + 2_000)) {
        await house.ask(collection, { call: 'fill', from: filled, to: Math.min(size, filled + 2_000), lying });
      }
      const put = (performance.now() - began) / added;

      // Nothing in memory, and nothing compiled.
      await house.restart();
      const { ms: cold } = await search(queryOf(queries, lying));
      bruteForce.growTo(size);
      const times: number[] = [];
      let hits = 0;
      const cpuBefore = await house.cpuMs();
      for (let i = 0; i < queries; i++) {
        const { found, ms } = await search(queryOf(i, lying));
        times.push(ms);
        const expected = bruteForce.nearest(queryOf(i, lying));
        hits += expected.filter(({ id }) => found.some(match => match.id === id)).length;
      }
      times.sort((a, b) => a - b);
      rows.push({
        vectors: size,
        put,
        cold,
        median: times[queries / 2]!,
        slowest: times.at(-1)!,
        cpu: ((await house.cpuMs()) - cpuBefore) / queries,
        recall: hits / (queries * limit),
        size: await house.ask<Size>(collection, { call: 'size' }),
        resident: await house.residentBytes(),
      });
      console.log(format(rows.at(-1)!));
    }
  } finally {
    await house.tearDown();
  }
  return rows;
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

function format(row: Row): string {
  const cells = [
    row.vectors.toLocaleString('en'),
    row.median.toFixed(1),
    row.slowest.toFixed(1),
    row.cpu.toFixed(1),
    row.cold.toFixed(0),
    row.recall.toFixed(3),
    megabytes(row.size.bytesInMemory),
    row.resident === null ? '?' : megabytes(row.resident),
    megabytes(row.size.bytesOnDisk),
    row.put.toFixed(2),
  ];
  return cells.map((cell, i) => cell.padStart(headings[i]!.length)).join('  ');
}

const headings = [
  'vectors',
  'search, ms',
  'slowest, ms',
  'CPU, ms',
  'first after a restart, ms',
  'recall',
  'codes, MB',
  'process, MB',
  'disk, MB',
  'put, ms',
];

// Times are of the clock: on a machine that is busy with other things, the CPU's own are what counts.
console.log(`Load before it began: ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} cores`);
let missed = false;
for (const lying of ['anywhere', 'in clusters'] as const) {
  console.log(`\nThe ${limit} nearest of vectors of ${dimensions} that lie ${lying}; medians of ${queries} searches`);
  console.log(headings.join('  '));
  for (const { median, recall, size } of await grow(lying)) {
    missed ||= median > mostMs || recall < 1 || size.bytesInMemory > mostBytes;
  }
}
console.log(`\nAt most ${mostMs} ms, ${megabytes(mostBytes)} MB of codes, recall 1: ${missed ? 'MISSED' : 'kept'}`);
process.exitCode = missed ? 1 : 0;
