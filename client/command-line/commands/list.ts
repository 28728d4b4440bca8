import { command } from '../command.ts';
import { statuses } from '../names.ts';
import { choiceFrom, numberFrom } from '../numbers.ts';
import { table } from '../table.ts';
import { UsageError } from '../troubles.ts';

export const list = command({
  name: 'list',
  places: [],
  summary: 'lists generations, newest first',
  example: `darkroom list -n 5
darkroom list --status failed --json`,
  options: {
    number: { type: 'string', short: 'n', value: 'N', help: 'how many at most (20)' },
    status: { type: 'string', value: 'NAME', multiple: true, help: 'only those, such as succeeded, queued' },
  },
  async run({ values, darkroom, signal }) {
    const most = numberFrom('number', values.number) ?? 20;
    if (!Number.isInteger(most) || most < 1) throw new UsageError(`--number is ${most}: expected at least 1`);
    const status = values.status?.map(name => choiceFrom('status', name, statuses)!);
    const server = await darkroom();
    const found = [];
    for await (const generation of server.allGenerations({ signal, ...(status && { status }) })) {
      found.push(generation);
      if (found.length === most) break;
    }
    const rows = found.map(({ id, status, createdAt, parameters, prompt }) => [
      id,
      status,
      createdAt.slice(0, 19).replace('T', ' '),
      String(parameters.seed),
      prompt.slice(0, 60),
    ]);
    return { text: table(['id', 'status', 'created (UTC)', 'seed', 'prompt'], rows), json: found };
  },
});
