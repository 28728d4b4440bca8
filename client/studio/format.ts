/** Numbers as people read them. */

/** Milliseconds as `340 ms`, `2.4 s`, `3 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** Milliseconds that are left, without the precision that nobody has: `under 1 s`, `3 s`, `2 min`. */
export function remaining(ms: number): string {
  return ms < 1_000 ? 'under 1 s' : duration(Math.ceil(ms / 1_000) * 1_000).replace('.0', '');
}

/** Bytes as `512 B`, `4.1 kB`, `2.0 MB`. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** A moment in RFC 3339, in the reader's own words and time. */
export function moment(at: string): string {
  return moments.format(new Date(at));
}
