import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { readMigrations } from '../../scripts/state.ts';

it('is known, of latents from before it was noted, where a generation made them of words and noise alone', async () => {
  const db = new DatabaseSync(':memory:');
  const migrations = await readMigrations();
  const number = migrations.find(({ name }) => name.endsWith('source_types.sql'))!.number;
  for (const { sql } of migrations.filter(each => each.number < number)) db.exec(sql);
  const latents = db.prepare(
    `INSERT INTO latents (key, digest, shape, dtype, bytes, checkpoint_digest, created_at, latent_blob, pixels_blob)
     VALUES (?, 'd', '[]', 'F32', 0, 'c', '', '', '')`,
  );
  const generations = db.prepare(
    "INSERT INTO generations (id, created_at, status, state) VALUES (?, '', 'SUCCEEDED', ?)",
  );
  const uses = db.prepare('INSERT INTO uses (key, generation_id, role) VALUES (?, ?, ?)');
  for (const key of ['noise', 'started', 'start', 'laboratory']) latents.run(key);
  generations.run('1', JSON.stringify({ parameters: { start: null } }));
  generations.run('2', JSON.stringify({ parameters: { start: { latentKey: 'start' } } }));
  uses.run('noise', '1', 'IMAGE');
  uses.run('started', '2', 'IMAGE');
  uses.run('start', '2', 'START');
  db.exec(migrations.find(each => each.number === number)!.sql);
  expect(db.prepare('SELECT key, source_type FROM latents ORDER BY key').all()).toEqual([
    { key: 'laboratory', source_type: null },
    { key: 'noise', source_type: 'trainedAlgorithmicMedia' },
    { key: 'start', source_type: null },
    { key: 'started', source_type: null },
  ]);
  db.close();
});
