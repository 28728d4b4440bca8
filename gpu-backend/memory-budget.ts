import { totalmem } from 'node:os';

const units = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;
type Unit = keyof typeof units;

/** The rest is for pictures on their way, the widening of weights that are not counted yet, and the process itself. */
const share = 0.75;

/** Three quarters of what the machine has, or its container may take, in bytes. */
export function defaultBudget(machine = totalmem(), container = process.constrainedMemory()): number {
  // Without a limit libuv says 0, or more than any machine has.
  return Math.floor(share * (container > 0 ? Math.min(machine, container) : machine));
}

/** `6GiB`, `1.5 GiB`, `900MiB` in bytes; null for what is no such size. */
export function parseBytes(text: string): number | null {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,6})?)\s*(KiB|MiB|GiB)$/.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(amount) * units[unit as Unit]);
  return bytes > 0 ? bytes : null;
}

/** In the largest unit that leaves something before the point: `3.9 GiB`. */
export function formatBytes(bytes: number): string {
  const unit = (['GiB', 'MiB'] as const).find(each => bytes >= units[each]) ?? 'KiB';
  const amount = bytes / units[unit];
  return `${amount.toFixed(amount < 100 ? 1 : 0)} ${unit}`;
}
