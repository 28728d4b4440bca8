import type { AddedToken } from '../../wire/card.ts';
import { Config } from '../checkpoint/config.ts';
import { CheckpointError } from '../checkpoint/error.ts';
import type { CheckpointFiles } from '../checkpoint/files.ts';
import { addedToken } from './added-tokens.ts';

export interface Vocabulary {
  /** Token → id: `values` of the file that has them. */
  readonly vocab: Config;
  /** `a b</w>`, the first to be merged first. */
  readonly merges: readonly string[];
  /** Tokens that were added to the vocabulary, where the file says so; their ids are among the others. */
  readonly added: readonly AddedToken[];
}

const apart = ['vocab.json', 'merges.txt'];
const together = 'tokenizer.json';

/**
 * The files that say what tokens there are: two, or the one that folders saved by transformers 5 have instead.
 * @param folder e.g. `tokenizer`
 * @throws CheckpointError when there are neither
 */
export function vocabularyFiles(paths: ReadonlySet<string>, folder: string): readonly string[] {
  const files = apart.map(name => `${folder}/${name}`);
  const missing = files.find(path => !paths.has(path));
  if (missing === undefined) return files;
  if (paths.has(`${folder}/${together}`)) return [`${folder}/${together}`];
  throw new CheckpointError(missing, null, 'a file', 'none');
}

/** @throws CheckpointError when a file is missing or malformed */
export async function readVocabulary(
  files: CheckpointFiles,
  paths: ReadonlySet<string>,
  folder: string,
): Promise<Vocabulary> {
  const [first, second] = vocabularyFiles(paths, folder) as [string, string?];
  const config = await Config.read(files, first);
  if (second === undefined) return fromOneFile(config);
  const lines = new TextDecoder().decode(await files.read(second)).split('\n');
  const merges = lines.flatMap((line, i) => (isMerge(line, i) ? [line.trimEnd()] : []));
  return { vocab: checked(config), merges, added: [] };
}

/** `{"model": {"vocab": {…}, "merges": ["a b</w>", …] or [["a", "b</w>"], …]}, "added_tokens": [{"id", "content"}, …]}` */
function fromOneFile(config: Config): Vocabulary {
  const model = config.value('model');
  const { vocab, merges } = (isRecord(model) ? model : {}) as { vocab?: unknown; merges?: unknown };
  if (!isRecord(vocab)) throw config.error('model.vocab', 'an object', vocab);
  if (!Array.isArray(merges)) throw config.error('model.merges', 'a list', merges);
  const added = config.value('added_tokens', []);
  if (!Array.isArray(added)) throw config.error('added_tokens', 'a list', added);
  const tokens = added.map((token: unknown, i) => addedToken(config, `added_tokens[${i}]`, token));
  const ids = tokens.map(({ content }, i) => [content, (added[i] as { id?: unknown }).id] as const);
  return {
    added: tokens,
    vocab: checked(new Config(config.file, { ...vocab, ...Object.fromEntries(ids) })),
    merges: merges.map((merge: unknown, i) => {
      const text = Array.isArray(merge) ? merge.join(' ') : merge;
      if (typeof text !== 'string') throw config.error(`model.merges[${i}]`, 'a text or two', merge);
      return text;
    }),
  };
}

function checked(vocab: Config): Config {
  for (const [token, id] of Object.entries(vocab.values)) {
    if (!Number.isSafeInteger(id) || (id as number) < 0) throw vocab.error(token, 'a whole number', id);
  }
  return vocab;
}

/** The file begins with `#version: 0.2` and ends with an empty line. */
function isMerge(line: string, number: number): boolean {
  return line.trim() !== '' && !(number === 0 && line.startsWith('#version'));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
