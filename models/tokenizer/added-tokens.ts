import type { AddedToken } from '../../wire/card.ts';
import { Config } from '../checkpoint/config.ts';

/** Tokens that a tokenizer was given after it had learned its vocabulary, and their ids where they have new ones. */
export interface AddedTokens {
  readonly tokens: readonly AddedToken[];
  readonly ids: Readonly<Record<string, number>>;
}

/**
 * Reads the tokens that `added_tokens_decoder` of `tokenizer_config.json` lists by id, or where it is not there
 * `added_tokens.json` by token, and those that both configs call additional. As transformers' Python tokenizers do.
 * @param added `added_tokens.json`
 * @param map `special_tokens_map.json`
 * @throws CheckpointError naming file and key
 */
export function readAddedTokens(config: Config, added: Config, map: Config): AddedTokens {
  const decoder = config.value('added_tokens_decoder') ?? null;
  const listed =
    decoder === null
      ? Object.entries(added.values).map(([content, id]) => ({ token: { content }, id: idOf(added, content, id) }))
      : Object.entries(record(config, 'added_tokens_decoder', decoder)).map(([id, value]) => ({
          token: addedToken(config, `added_tokens_decoder.${id}`, value),
          id: idOf(config, `added_tokens_decoder.${id}`, Number(id)),
        }));
  const additional = [map, config].flatMap(file => {
    const list = file.value('additional_special_tokens') ?? [];
    if (!Array.isArray(list)) throw file.error('additional_special_tokens', 'a list of tokens', list);
    return list.map((value, i) => addedToken(file, `additional_special_tokens[${i}]`, value));
  });
  return {
    tokens: [...listed.map(({ token }) => token), ...additional],
    ids: Object.fromEntries(listed.map(({ token, id }) => [token.content, id])),
  };
}

/** A special token of a config, a text or an object that says more about it; undefined where it is not there. */
export function specialToken(config: Config, key: string): AddedToken | undefined {
  const value = config.value(key) ?? undefined;
  return value === undefined ? undefined : addedToken(config, key, value);
}

/** `"<token>"` or `{"content": "<token>", "lstrip": false, "rstrip": false, "single_word": false, …}` */
export function addedToken(file: Config, key: string, value: unknown): AddedToken {
  if (typeof value === 'string' && value !== '') return { content: value };
  const said = new Config(file.file, typeof value === 'object' && value !== null ? (value as object as Said) : {});
  const content = said.value('content');
  if (typeof content !== 'string' || content === '') throw file.error(key, 'a token', value);
  return {
    content,
    ...(said.boolean('lstrip', false) && { stripsBefore: true }),
    ...(said.boolean('rstrip', false) && { stripsAfter: true }),
    ...(said.boolean('single_word', false) && { wholeWord: true }),
  };
}

type Said = Readonly<Record<string, unknown>>;

function record(config: Config, key: string, value: unknown): Said {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw config.error(key, 'an object', value);
  return value as Said;
}

function idOf(file: Config, key: string, id: unknown): number {
  if (!Number.isSafeInteger(id) || (id as number) < 0) throw file.error(key, 'a whole number', id);
  return id as number;
}
