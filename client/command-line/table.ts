/** Columns that stand under each other; numbers to the right. */
export function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map(row => row.map(cell => String(cell).replaceAll(/\s+/g, ' ')));
  const widths = heads.map((head, i) => Math.max(head.length, ...texts.map(row => row[i]!.length)));
  const line = (cells: readonly string[], right: (i: number) => boolean) =>
    cells
      .map((cell, i) => (right(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const numeric = heads.map((_, i) => rows.length > 0 && rows.every(row => typeof row[i] === 'number'));
  return [heads, ...texts].map(cells => line(cells, i => numeric[i]!)).join('\n');
}

/** Names and what they are, a line each. */
export function facts(pairs: readonly (readonly [string, string | number | null | undefined])[]): string {
  const there = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(...there.map(([name]) => name.length));
  return there.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
