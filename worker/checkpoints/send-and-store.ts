/**
 * A file on its way to a caller, stored while it passes: only a piece of it is in memory at a time. The caller gets the
 * last piece once the store has the whole file and has found it sound, so that nobody takes a damaged one for whole: it
 * is cut short then, and nothing is stored.
 * @param bytes how long it must be
 * @param store reads the stream to its end, and rejects for what it does not take
 * @returns what the caller is sent
 */
export function sendAndStore(
  source: ReadableStream<Uint8Array>,
  bytes: number,
  store: (stream: ReadableStream<Uint8Array>) => Promise<unknown>,
): ReadableStream<Uint8Array> {
  // R2 takes a stream only whose length is known; one that ends elsewhere is an error.
  const [kept, sent] = [new FixedLengthStream(bytes), new FixedLengthStream(bytes)];
  const stored = store(kept.readable);
  // Awaited at the end; that it fails before is told by writing to it.
  stored.catch(() => undefined);
  const [keeper, sender] = [kept.writable.getWriter(), sent.writable.getWriter()];
  const pass = async () => {
    const reader = source.getReader();
    try {
      let last: Uint8Array | null = null;
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        await keeper.write(piece.value);
        if (last) await sender.write(last);
        last = piece.value;
      }
      await keeper.close();
      await stored;
      if (last) await sender.write(last);
      await sender.close();
    } catch (error) {
      // Who reads either of them is told; there is nobody else to be.
      const over = [reader.cancel(error), keeper.abort(error), sender.abort(error)];
      await Promise.allSettled(over);
    }
  };
  void pass();
  return sent.readable;
}
