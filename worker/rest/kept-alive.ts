/**
 * A body whose pieces may be long in coming. In between something is sent that means nothing: those on the way do not take
 * the connection for dead, and a caller who has gone is noticed, for what nobody writes to tells nothing.
 */
export interface KeptAlive {
  /** Whatever the format passes over: a space before JSON, a comment among events. */
  readonly filler: string;
  readonly everyMs: number;
  /** Called once if the caller leaves before the end. */
  readonly left: () => void;
}

/** A piece that throws ends the connection without an end of the body: the caller must not take it for whole. */
export function keptAlive(
  pieces: AsyncIterator<string>,
  { filler, everyMs, left }: KeptAlive,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: Promise<IteratorResult<string>> | null = null;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        next ??= pieces.next();
        const result = await within(next, everyMs);
        if (result === null) {
          controller.enqueue(encoder.encode(filler));
          return;
        }
        next = null;
        if (result.done) controller.close();
        else controller.enqueue(encoder.encode(result.value));
      },
      cancel() {
        left();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Null where it takes longer. */
export async function within<Value>(promise: Promise<Value>, milliseconds: number): Promise<Value | null> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<null>(resolve => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}
