import { z } from 'zod';
import { TorchGenerator } from '../../../models/noise.ts';
import { UnsupportedError } from '../../../models/unsupported.ts';
import { absoluteError, countDifferent, type Numbers } from '../difference.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import type { GoldenTensors } from '../golden-tensors.ts';
import type { Report } from '../report.ts';

const shape = z.array(z.int().min(0));
const seed = z.union([z.int(), z.string().regex(/^-?\d+$/)]);
const schema = z.object({
  cases: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      seed: z.union([seed, z.array(seed)]),
      shape: shape.optional(),
      shapes: z.array(shape).optional(),
      ops: z.array(z.string()).optional(),
      low: z.int().optional(),
      high: z.int().optional(),
      dtype: z.string(),
    }),
  ),
});
type Case = z.infer<typeof schema>['cases'][number];

/** The draw of a case: what it is called in the table, and the tensor's name beside the numbers. */
interface Draw {
  readonly operation: 'randn' | 'rand' | 'randint';
  readonly tensor: string;
  readonly numbers: Numbers;
}

/** Compares the seeded generator's draws. */
export async function compareRandn(folder: GoldenFolder, report: Report): Promise<void> {
  for (const path of folder.filesEnding('.json', 'randn')) {
    await report.attempt('randn', path, async () => {
      const { cases } = folder.json(path, schema);
      const tensors = folder.tensors(path.replace(/\.json$/, '.safetensors'));
      for (const each of cases) {
        await report.attempt('randn', `${path} ${each.id}`, () => {
          for (const drawn of draw(each)) compareDraw(drawn, tensors, report, `${path} ${drawn.tensor}`);
        });
      }
    });
  }
}

function compareDraw({ operation, tensor, numbers }: Draw, tensors: GoldenTensors, report: Report, name: string): void {
  const expected = tensors.get(tensor);
  if (operation !== 'randn') report.compare(operation, name, countDifferent(numbers, expected), 0);
  else if (expected.data.length < 16)
    report.compare('randn, fewer than 16', name, absoluteError(numbers, expected), 1e-6);
  else report.compare('randn, 16 and more', name, absoluteError(numbers, expected), 5e-6);
}

function draw(each: Case): Draw[] {
  const { id, kind, dtype } = each;
  const [first, ...others] = [each.seed].flat().map(text => new TorchGenerator(BigInt(text)));
  const generator = first!;
  const dims = each.shape ?? [];
  const randn = (of: TorchGenerator, size: readonly number[]): Numbers =>
    dtype === 'float64' ? of.randnDouble(size) : of.randn(size);
  if (dtype !== 'float32' && !(dtype === 'float64' && kind.startsWith('randn')) && kind !== 'randint') {
    throw new UnsupportedError(`${kind} of ${dtype}`);
  }
  switch (kind) {
    case 'randn':
      return [{ operation: 'randn', tensor: id, numbers: randn(generator, dims) }];
    case 'rand':
      return [{ operation: 'rand', tensor: id, numbers: generator.rand(dims) }];
    case 'randint':
      return [{ operation: 'randint', tensor: id, numbers: generator.randint(each.low ?? 0, each.high ?? 0, dims) }];
    case 'randn_sequence':
      return (each.shapes ?? []).map((size, i) => ({
        operation: 'randn',
        tensor: `${id}.${i}`,
        numbers: randn(generator, size),
      }));
    case 'randn_list_of_generators': {
      const items = [generator, ...others].map(of => randn(of, [1, ...dims.slice(1)]).data);
      return [{ operation: 'randn', tensor: id, numbers: { data: items.flatMap(item => Array.from(item)), dims } }];
    }
    case 'mixed_sequence':
      return (each.ops ?? []).map((text, i) => {
        const [, operation, count] = /^(randn|rand)\((\d+)\)$/.exec(text) ?? [];
        if (operation !== 'randn' && operation !== 'rand') throw new UnsupportedError(`random operation ${text}`);
        const size = [Number(count)];
        const numbers = operation === 'randn' ? randn(generator, size) : generator.rand(size);
        return { operation, tensor: `${id}.${i}`, numbers };
      });
    default:
      throw new UnsupportedError(`random operation ${kind}`);
  }
}
