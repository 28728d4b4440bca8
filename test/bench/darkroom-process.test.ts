import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { onDisk, tinyFolder } from '../models/tiny-checkpoint.ts';
import { DarkroomProcess } from './darkroom-process.ts';

it('finds where the server that it has started answers, and ends it', async () => {
  const folder = await onDisk(tinyFolder());
  const darkroom = await DarkroomProcess.start({ PORT: '0', CHECKPOINTS: folder });
  const { url, backend } = await darkroom.ready();
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'alive' });
  expect((await fetch(`${backend}/ready`)).status).toBe(200);
  await darkroom.stop();
  await expect(fetch(`${url}/health`)).rejects.toThrow();
  await rm(folder, { recursive: true });
});
