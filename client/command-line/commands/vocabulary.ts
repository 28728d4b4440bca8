import { command } from '../command.ts';
import { numberFrom } from '../numbers.ts';
import { table } from '../table.ts';

export const vocabulary = command({
  name: 'vocabulary',
  places: ['[SEARCH]'],
  summary: 'lists what a prompt may name',
  example: `darkroom vocabulary cat
darkroom vocabulary --kind colour`,
  options: {
    kind: { type: 'string', value: 'NAME', help: 'only that kind' },
    number: { type: 'string', short: 'n', value: 'N', help: 'how many at most (24)' },
    checkpoint: { type: 'string', value: 'NAME', help: "which one (the server's default)" },
  },
  async run({ values, words, darkroom, signal }) {
    const first = numberFrom('number', values.number) ?? 24;
    const { nodes, totalCount } = await (await darkroom()).vocabulary({
      signal,
      first,
      ...(words[0] !== undefined && { search: words[0] }),
      ...(values.kind !== undefined && { kind: values.kind }),
      ...(values.checkpoint !== undefined && { checkpoint: values.checkpoint }),
    });
    const rows = nodes.map(({ phrase, kind, also }) => [phrase, kind, also.join(', ')]);
    const more = totalCount !== undefined && totalCount > nodes.length ? `\n… of ${totalCount}` : '';
    return { text: table(['phrase', 'kind', 'also'], rows) + more, json: { nodes, totalCount: totalCount ?? null } };
  },
});
