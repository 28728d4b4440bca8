import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { json, type Loopback, loopback } from '../../sdk/testing/loopback.ts';
import { NoServerError, UsageError } from '../troubles.ts';
import { freed } from './freed-home.ts';
import { reach } from './reach.ts';

let home: string;
let open: Loopback[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'darkroom-reach-'));
  open = [];
});
afterEach(async () => {
  for (const server of open) await server.close();
  await rm(home, { recursive: true });
});

/** Answers as a Darkroom does, or as another program that knows GraphQL. */
async function server(isDarkroom: boolean): Promise<Loopback> {
  const other = { errors: [{ message: 'Cannot query field "generation" on type "Query".' }] };
  const one = await loopback(response => json(response, isDarkroom ? { data: { generation: null } } : other));
  open.push(one);
  return one;
}
const portOf = ({ url }: Loopback) => new URL(url).port;
/** A process that lives, and is not this one. */
const alive = process.ppid;
const hold = (...lines: readonly (string | number)[]) => writeFile(join(home, 'running'), lines.join('\n'));

const options = {
  url: undefined,
  keepRunning: false,
  lasting: true,
  note: () => {},
  signal: AbortSignal.timeout(30_000),
};
const patience = { whileItStartsMs: 150, onceItSaidWhereMs: 150 };

it('asks who answers where npm start would, if that is a Darkroom', async () => {
  const usual = await server(true);
  expect((await reach({ ...options, env: { PORT: portOf(usual) } })).url).toBe(usual.url);
});

it('never takes another program for a Darkroom', async () => {
  const other = await server(false);
  await expect(reach({ ...options, env: { DARKROOM_URL: other.url } })).rejects.toThrow(
    `${other.url} is no Darkroom, or takes no questions: Cannot query field`,
  );
  const echo = await loopback(response => json(response, { data: { __typename: 'Query' } }));
  open.push(echo);
  await expect(reach({ ...options, env: {}, url: echo.url })).rejects.toThrow(`${echo.url} is no Darkroom. Start one`);
});

it('goes to the Darkroom of the folder that is named, whoever answers at the usual port', async () => {
  const [usual, own] = [await server(true), await server(true)];
  await hold(alive, own.url);
  expect((await reach({ ...options, env: { PORT: portOf(usual), DARKROOM_HOME: home } })).url).toBe(own.url);
  expect(usual.asked).toEqual([]);
});

it('starts none for what would go on without it', async () => {
  const reached = reach({ ...options, env: { DARKROOM_HOME: home } });
  await expect(reached).rejects.toThrow(UsageError);
  await expect(reached).rejects.toThrow('ends with it: add --keep-running');
});

it.each([
  ['does not say where it answers', []],
  ['does not answer at http://127.0.0.1:9', ['http://127.0.0.1:9']],
  ['does not answer at http://127.0.0.1:9', ['http://127.0.0.1:9', 'passing']],
])('does not wait for ever for a process that %s', async (what, lines) => {
  await hold(alive, ...lines);
  const waited = freed(home, { ...options, patience });
  await expect(waited).rejects.toThrow(NoServerError);
  await expect(waited).rejects.toThrow(`${home} is held by process ${alive}, which ${what}. Stop it`);
});

it('waits for a Darkroom that ends with its command, as long as it answers', async () => {
  const other = await server(true);
  await hold(alive, other.url, 'passing');
  const notes: string[] = [];
  const waited = freed(home, {
    ...options,
    note: text => notes.push(text),
    patience: { ...patience, onceItSaidWhereMs: 1500 },
  });
  setTimeout(() => rm(join(home, 'running')), 200);
  expect(await waited).toBeNull();
  expect(notes).toEqual([`Waiting for process ${alive}, which works in ${home}`]);
  expect(other.asked).toHaveLength(1);
});
