import type { TokenizerCard } from '../../wire/card.ts';
import { Config } from '../checkpoint/config.ts';
import type { CheckpointFiles } from '../checkpoint/files.ts';
import { readVocabulary } from './vocabulary.ts';

/** CLIP's own length, where a checkpoint does not say one that a text encoder could have. */
const defaultLength = 77;

const defaultTokens = { bos_token: '<|startoftext|>', eos_token: '<|endoftext|>', pad_token: '<|endoftext|>' } as const;

/**
 * Reads a checkpoint's tokenizer: `vocab.json` and `merges.txt`, or else `tokenizer.json`, and where they are there `tokenizer_config.json` and
 * `special_tokens_map.json`, which has the last word, as in transformers.
 * @param folder e.g. `tokenizer`
 * @throws CheckpointError when a file is missing or malformed
 *
 * @example
 * const tokenizer = new ClipTokenizer(await readTokenizerCard(files, 'tokenizer'));
 */
export async function readTokenizerCard(files: CheckpointFiles, folder: string): Promise<TokenizerCard> {
  const paths = new Set(await files.list());
  const path = (name: string): string => `${folder}/${name}`;
  const optional = (name: string) =>
    paths.has(path(name)) ? Config.read(files, path(name)) : new Config(path(name), {});
  const { vocab, merges } = await readVocabulary(files, paths, folder);
  const config = await optional('tokenizer_config.json');
  const map = await optional('special_tokens_map.json');

  const token = (key: keyof typeof defaultTokens): string => {
    const text = tokenText(map, key) ?? tokenText(config, key) ?? defaultTokens[key];
    if (!Object.hasOwn(vocab.values, text)) throw vocab.error(text, `an id, as ${key}`, undefined);
    return text;
  };
  const card = {
    vocab: vocab.values as Readonly<Record<string, number>>,
    merges,
    bosToken: token('bos_token'),
    eosToken: token('eos_token'),
    padToken: token('pad_token'),
  };
  // Unlimited is written as 10^30.
  const length = config.number('model_max_length', defaultLength);
  return { ...card, maxLength: length > 100_000 ? defaultLength : config.count('model_max_length', defaultLength, 2) };
}

/** A special token stands there as a text or as an object that says more about it. */
function tokenText(config: Config, key: string): string | undefined {
  const value = config.value(key) ?? undefined;
  const text = typeof value === 'object' ? (value as { content?: unknown }).content : value;
  if (text !== undefined && typeof text !== 'string') throw config.error(key, 'a token', value);
  return text;
}
