/**
 * JSON in which equal values have equal texts: keys sorted by UTF-16 units, no white space, numbers as JavaScript
 * writes them (as in RFC 8785).
 * @throws TypeError for what JSON cannot hold, rather than leaving it out
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  throw new TypeError(`${String(value)} has no canonical JSON`);
}
