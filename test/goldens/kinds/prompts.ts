import type { Conditioning } from '../../../models/conditioning.ts';
import type { FloatTensor } from '../../../models/runtime.ts';
import { relativeError } from '../difference.ts';
import type { GoldenPipeline } from '../golden-pipeline.ts';
import type { GoldenTensors } from '../golden-tensors.ts';
import type { Report } from '../report.ts';

/** The prompts of a call, one for each picture's row: a list for each text encoder. */
export interface Prompts {
  readonly texts: readonly (readonly string[])[];
  /** Whether the call gave none, and `texts` are what diffusers takes then. */
  readonly absent: boolean;
  readonly clipSkip: number | null;
}

/**
 * What diffusers takes the arguments of a call for.
 * @param first `prompt` or `negative_prompt`
 * @param second `prompt_2` or `negative_prompt_2`, where the first is not meant for the second text encoder too
 * @param count how many rows there must be: a single text is for all of them
 */
export function promptsOf(
  first: string | readonly string[] | null,
  second: string | readonly string[] | null,
  count: number,
  clipSkip: number | null,
): Prompts {
  const rows = (texts: string | readonly string[]) => {
    const list = [texts].flat();
    return list.length === count ? list : new Array<string>(count).fill(list[0] ?? '');
  };
  return { texts: [rows(first ?? ''), rows(second || first || '')], absent: first === null, clipSkip };
}

/**
 * Tokens and embeddings of prompts, compared on the way with what the reference has under the names that diffusers gives
 * them.
 * @param sign `negative_` for negative prompts
 * @param prompt for a negative prompt, the prompt it is beside
 */
export async function encodePrompts(
  { pipeline, tokenizers }: GoldenPipeline,
  { texts, absent, clipSkip }: Prompts,
  { golden, report, name, prefix, sign }: ComparedPrompts,
  prompt?: Conditioning,
): Promise<Conditioning> {
  const ids = tokenizers.map((tokenizer, i) => texts[i]!.map(text => tokenizer.pad(tokenizer.encode(text).ids).ids));
  for (const [i, rows] of ids.entries()) {
    const tensor = `${prefix}${sign}input_ids${i === 0 ? '' : `_${i + 1}`}`;
    if (golden.has(tensor)) {
      report.same('pipeline token ids', `${name} ${tensor}`, rows.flat(), golden.rows(tensor).flat());
    }
  }
  const zeros = absent && prompt ? pipeline.noPrompt(prompt) : null;
  const encoded: { promptEmbeds: FloatTensor; pooled: FloatTensor }[] = [];
  for (const row of texts[0]!.keys())
    encoded.push(
      await pipeline.encodeText(
        ids.map(rows => rows[row]!),
        { clipSkip },
      ),
    );
  const conditioning = zeros ?? {
    promptEmbeds: rowsJoined(encoded.map(({ promptEmbeds }) => promptEmbeds)),
    pooled: rowsJoined(encoded.map(({ pooled }) => pooled)),
  };
  for (const [tensor, actual] of [
    [`${prefix}${sign}prompt_embeds`, conditioning.promptEmbeds],
    [`${prefix}${sign}pooled_prompt_embeds`, conditioning.pooled],
  ] as const) {
    if (!golden.has(tensor) || !actual) continue;
    report.compare('pipeline embeddings', `${name} ${tensor}`, relativeError(actual, golden.get(tensor)), 1e-5);
  }
  return conditioning;
}

export interface ComparedPrompts {
  readonly golden: GoldenTensors;
  readonly report: Report;
  /** What the report calls it. */
  readonly name: string;
  /** Before the tensors' names. */
  readonly prefix: string;
  readonly sign: '' | 'negative_';
}

/** Every row `times` times over, one after another. */
export function repeated({ promptEmbeds, pooled }: Conditioning, times: number): Conditioning {
  const repeat = ({ data, dims }: FloatTensor): FloatTensor => {
    const size = data.length / dims[0]!;
    const rows = Array.from({ length: dims[0]! }, (_, i) => data.subarray(i * size, (i + 1) * size));
    return rowsJoined(rows.flatMap(row => new Array(times).fill({ data: row, dims: [1, ...dims.slice(1)] })));
  };
  return { promptEmbeds: repeat(promptEmbeds), pooled: pooled ? repeat(pooled) : null };
}

/** Tensors of one row each, as one. */
function rowsJoined(rows: readonly FloatTensor[]): FloatTensor {
  const size = rows[0]!.data.length;
  const data = new Float32Array(rows.length * size);
  for (const [i, row] of rows.entries()) data.set(row.data, i * size);
  return { data, dims: [rows.length, ...rows[0]!.dims.slice(1)] };
}
