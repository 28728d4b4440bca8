/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) of a body, as they come. */
import { createParser } from 'eventsource-parser';
import { within } from './within.ts';

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/** Darkroom says something every twelve seconds at least: a stream that is silent for so long, in milliseconds, is dead. */
const SILENCE_MS = 40_000;

/**
 * @throws Error when the stream breaks off, or is silent for too long
 */
export async function* serverEvents(
  body: ReadableStream<Uint8Array>,
  silenceMs = SILENCE_MS,
): AsyncGenerator<ServerEvent, void, undefined> {
  const arrived: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => void arrived.push({ name: event ?? 'message', data }),
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), silenceMs, 'the stream');
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* arrived.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
