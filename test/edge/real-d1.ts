/** D1 as Miniflare runs it, with every migration applied: for what an SQLite of Node's might take and D1 not. */
import { Log, LogLevel, Miniflare } from 'miniflare';
import { endWithUs, workerds } from '../../scripts/edge/orphans.ts';
import { migrate, readMigrations } from '../../scripts/state.ts';

const name = 'd1';
const nobody = 'export default { fetch: () => new Response(null, { status: 404 }) }';

export interface RealD1 {
  readonly database: D1Database;
  close(): Promise<void>;
}

export async function realD1(): Promise<RealD1> {
  const others = await workerds();
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    enableDevRegistry: false,
    log: new Log(LogLevel.NONE),
    workers: [
      {
        config: {
          name,
          compatibilityDate: '2026-10-30',
          manifest: { mainModule: 'index.js', modules: { 'index.js': { type: 'esm', contents: nobody } } },
          env: { DB: { type: 'd1', id: name } },
        },
      },
    ],
  });
  await miniflare.ready;
  const letGo = endWithUs((await workerds()).filter(pid => !others.includes(pid)));
  const database = await miniflare.getD1Database('DB', name);
  await migrate(database, await readMigrations());
  return {
    database: database as unknown as D1Database,
    async close() {
      letGo();
      await miniflare.dispose();
    },
  };
}
