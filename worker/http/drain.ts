/**
 * An early answer to a body that is still being sent. Closing the connection on a client in mid-sentence loses the
 * answer: many are not read before all is sent. So the answer goes out at once and whole, and what still comes is read
 * and thrown away for a while before the connection ends.
 */
const mostBytes = 64_000_000;
/** A client that has stopped sending has understood. */
const idleMs = 1_000;

export function answerWhileDraining(answer: Response, body: ReadableStream<Uint8Array> | null): Response {
  if (body === null) return answer;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  void (async () => {
    const writer = writable.getWriter();
    try {
      await writer.write(new Uint8Array(await answer.arrayBuffer()));
      await drain(body);
      await writer.close();
    } catch {
      // The client has gone.
    }
  })();
  return new Response(readable, { status: answer.status, headers: answer.headers });
}

async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  for (let bytes = 0; bytes < mostBytes; ) {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const idle = new Promise<null>(resolve => {
      timer = setTimeout(() => resolve(null), idleMs);
    });
    const read = await Promise.race([reader.read(), idle]);
    if (timer !== null) clearTimeout(timer);
    if (read === null || read.done) break;
    bytes += read.value.byteLength;
  }
  await reader.cancel();
}
