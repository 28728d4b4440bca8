/** As many questions as a Worker may have open at the same time. */
const atOnce = 6;

/**
 * Does something with each, a few at a time and in their order.
 * @throws what the first that fails throws, once nothing is under way any more; the rest is not begun
 */
export async function inBatches<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < items.length; from += atOnce) {
    const batch = items.slice(from, from + atOnce).map((item, i) => work(item, from + i));
    const failed = (await Promise.allSettled(batch)).find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
  }
}
