/** The server's checkpoints: asked for once, and again when the server comes back. */
import type { Checkpoint } from '../../sdk/index.ts';
import { connection } from './connection.ts';
import { darkroom } from './darkroom.ts';
import { Store, useStore } from './store.ts';

/** Null until they are known. */
export const checkpoints = new Store<readonly Checkpoint[] | null>(null);

async function load(): Promise<void> {
  checkpoints.set(await darkroom.checkpoints().catch(() => checkpoints.value));
}

export function watchCheckpoints(): void {
  void load();
  connection.watch(() => {
    if (connection.value === 'there') void load();
  });
}

/** The one that a draft names, else the server's default. Null until it is known. */
export function useCheckpoint(name: string | null): Checkpoint | null {
  const all = useStore(checkpoints);
  return all?.find(checkpoint => checkpoint.name === name) ?? all?.find(checkpoint => checkpoint.default) ?? null;
}
