import { z } from 'zod';
import { checkpointFiles } from '../../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../../gpu-backend/onnxruntime-node.ts';
import { TextEncoder } from '../../../models/text-encoder.ts';
import { readTokenizerCard } from '../../../models/tokenizer/card.ts';
import { ClipTokenizer } from '../../../models/tokenizer.ts';
import { createModel, type GoldenComponent } from '../components.ts';
import { relativeError } from '../difference.ts';
import type { GoldenFolder } from '../golden-folder.ts';
import { RecordingRuntime } from '../recording-runtime.ts';
import type { Report } from '../report.ts';

const schema = z.looseObject({ prompts: z.array(z.string()).optional() });
const tolerance = 1e-5;

/** Compares a text encoder: its last and its inner states, what it pools, clip skip, and shorter inputs. */
export async function compareTextEncoder(
  folder: GoldenFolder,
  component: GoldenComponent,
  path: string,
  report: Report,
): Promise<void> {
  const { prompts = [] } = folder.json(`${path}.json`, schema);
  const golden = folder.tensors(`${path}.safetensors`);
  const recorder = new RecordingRuntime(component.checkpointFolder);
  const encoder = createModel(
    component,
    part => new TextEncoder(part, createOnnxRuntime({ folder: component.checkpointFolder })),
  );
  const watched = createModel(component, part => new TextEncoder(part, recorder));
  const compare = (name: string, actual: Parameters<typeof relativeError>[0]) =>
    report.attempt('text encoder', `${path} ${name}`, () =>
      report.compare('text encoder', `${path} ${name}`, relativeError(actual, golden.get(name)), tolerance),
    );
  try {
    // A second input, where there is one, has its names under another prefix.
    for (const prefix of golden.namesUnder('').flatMap(name => /^(.*)input_ids$/.exec(name)?.[1] ?? [])) {
      const ids = golden.rows(`${prefix}input_ids`);
      const { promptEmbeds, pooled } = await encoder.encode(ids);
      for (const name of golden.namesUnder(prefix)) {
        const rest = name.slice(prefix.length);
        const [, layer] = /^hidden_states\.(\d+)$/.exec(rest) ?? [];
        const [, skip] = /^clip_skip_(\d+)\.prompt_embeds$/.exec(rest) ?? [];
        if (rest === 'last_hidden_state') await compare(name, promptEmbeds);
        else if (rest === 'pooler_output' || rest === 'text_embeds') await compare(name, pooled);
        else if (skip) await compare(name, (await encoder.encode(ids, Number(skip))).promptEmbeds);
        else if (layer) {
          await report.attempt('text encoder', `${path} ${name}`, async () => {
            const expected = golden.get(name);
            // The reference keeps the inner states of the first prompts only.
            await watched.encode(ids);
            report.compare(
              'text encoder, inner layers',
              `${path} ${name}`,
              recorder.nearest(expected, ids.length),
              tolerance,
            );
          });
        }
      }
    }
    await comparePrompts(component, prompts, golden.rows('input_ids'), path, report);
  } finally {
    await Promise.all([encoder.release(), watched.release()]);
  }
}

/** The tokenizer of a text encoder has its name: `text_encoder_2` and `tokenizer_2`. */
async function comparePrompts(
  component: GoldenComponent,
  prompts: readonly string[],
  expected: readonly number[][],
  path: string,
  report: Report,
): Promise<void> {
  const tokenizerName = component.name.replace('text_encoder', 'tokenizer');
  const files = checkpointFiles(component.checkpointFolder);
  // A folder may hold the encoder alone: its ids are given.
  const paths = await files.list();
  if (!['vocab.json', 'tokenizer.json'].some(name => paths.includes(`${tokenizerName}/${name}`))) return;
  const tokenizer = new ClipTokenizer(await readTokenizerCard(files, tokenizerName));
  for (const [i, prompt] of prompts.entries()) {
    report.same(
      'token ids, padded',
      `${path} prompt ${i}`,
      tokenizer.pad(tokenizer.encode(prompt).ids).ids,
      expected[i] ?? [],
    );
  }
}
