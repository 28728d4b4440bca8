import { expect, it } from 'vitest';
import { checkDefaultCheckpoint } from './default-checkpoint.ts';

it.each([undefined, '', ' ', 'big', ' big '])('lets %j be', name => {
  expect(() => checkDefaultCheckpoint({ DEFAULT_CHECKPOINT: name }, ['shipped', 'big'])).not.toThrow();
});

it('refuses a name that no checkpoint has, and lists those that there are', () => {
  expect(() => checkDefaultCheckpoint({ DEFAULT_CHECKPOINT: 'models/big' }, ['shipped', 'big'])).toThrow(
    'DEFAULT_CHECKPOINT is "models/big": expected the name of a checkpoint that CHECKPOINTS has: shipped, big',
  );
});
