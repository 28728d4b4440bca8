/** @param key the experiment’s */
export function experimentAddress(key: string): string {
  return `/laboratory/${key}`;
}
