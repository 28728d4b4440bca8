import { command } from '../command.ts';

export const cancel = command({
  name: 'cancel',
  places: ['ID…'],
  summary: 'stops generations and contact sheets',
  example: 'darkroom cancel "$(darkroom list -n 1 --status queued --json | jq -r .[0].id)"',
  options: {},
  async run({ words, darkroom, signal }) {
    const server = await darkroom();
    const jobs = [];
    for (const id of words) jobs.push(await server.cancel(id, { signal }));
    return { text: jobs.map(({ id, status }) => `${id}  ${status}`).join('\n'), json: jobs };
  },
});
