/**
 * Makes one lookup of those that are asked for at the same moment: the images of a page know nothing of each other, and
 * yet their latents are a single question.
 * @param look answers with those that there are, by their keys
 */
export function findingTogether<Value>(
  look: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): (key: string) => Promise<Value | null> {
  let keys: string[] = [];
  let found: Promise<ReadonlyMap<string, Value>> | null = null;
  return async key => {
    keys.push(key);
    // A microtask later every field that could be resolved without waiting has asked.
    found ??= Promise.resolve().then(() => {
      const asked = keys;
      keys = [];
      found = null;
      return look(asked);
    });
    return (await found).get(key) ?? null;
  };
}
