import type { AddedToken, TokenizerCard } from '../../wire/card.ts';
import { Config } from '../checkpoint/config.ts';
import type { CheckpointFiles } from '../checkpoint/files.ts';
import { readAddedTokens, specialToken } from './added-tokens.ts';
import { readVocabulary } from './vocabulary.ts';

/** CLIP's own length, where a checkpoint does not say one that a text encoder could have. */
const defaultLength = 77;

const end = '<|endoftext|>';
const defaultTokens = { bos_token: '<|startoftext|>', eos_token: end, pad_token: end, unk_token: end } as const;

/**
 * Reads a checkpoint's tokenizer: `vocab.json` and `merges.txt`, or else `tokenizer.json`, and where they are there
 * `added_tokens.json`, `tokenizer_config.json` and `special_tokens_map.json`, which has the last word, as in transformers.
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
  const { vocab, merges, added: inVocabulary } = await readVocabulary(files, paths, folder);
  const config = await optional('tokenizer_config.json');
  const map = await optional('special_tokens_map.json');
  const added = readAddedTokens(config, await optional('added_tokens.json'), map);
  const ids = new Config(vocab.file, { ...vocab.values, ...added.ids });

  const token = (key: keyof typeof defaultTokens): AddedToken =>
    specialToken(map, key) ?? specialToken(config, key) ?? { content: defaultTokens[key] };
  const special = {
    bos_token: token('bos_token'),
    eos_token: token('eos_token'),
    pad_token: token('pad_token'),
    unk_token: token('unk_token'),
  };
  const others = [...inVocabulary, ...added.tokens];
  for (const [key, { content }] of [...Object.entries(special), ...others.map(each => ['a token', each] as const)]) {
    if (!Object.hasOwn(ids.values, content)) throw vocab.error(content, `an id, as ${key}`, undefined);
  }
  const { bos_token: bos, eos_token: eos, pad_token: pad, unk_token: unknown } = special;
  const unusual = unusualOf(others, [bos, eos, pad, unknown]);
  // Unlimited is written as 10^30.
  const length = config.number('model_max_length', defaultLength);
  return {
    vocab: ids.values as Readonly<Record<string, number>>,
    merges,
    bosToken: bos.content,
    eosToken: eos.content,
    padToken: pad.content,
    ...(unknown.content !== eos.content && { unknownToken: unknown.content }),
    ...(unusual.length > 0 && { addedTokens: unusual }),
    maxLength: length > 100_000 ? defaultLength : config.count('model_max_length', defaultLength, 2),
  };
}

/** Each once, as it was said first; special ones only where there is more to say of them than what they are. */
function unusualOf(added: readonly AddedToken[], special: readonly AddedToken[]): AddedToken[] {
  const known = new Map<string, AddedToken>();
  for (const token of [...added, ...special]) {
    if (!known.has(token.content)) known.set(token.content, token);
  }
  const usual = new Set(special.map(({ content }) => content));
  return [...known.values()].filter(token => !usual.has(token.content) || Object.keys(token).length > 1);
}
