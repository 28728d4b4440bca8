import { describe, expect, it } from 'vitest';
import type { Tensor } from '../models/runtime.ts';
import { decodeMessage, decodeMessages, encodeMessage, FrameError, frameLimits, type Message } from './frames.ts';

const latent: Tensor = { data: new Float32Array([1.5, -2, 0, 4]), dims: [1, 1, 2, 2] };
const pixels: Tensor = { data: new Uint8Array([1, 2, 3]), dims: [1, 1, 1, 3] };
const messages = [encodeMessage({ kind: 'step' }), encodeMessage({ kind: 'result' }, { latent, pixels })];

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap(part => [...part]));
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of decodeMessages(source)) messages.push(message);
  return messages;
}

function prefix(json: number, tensors: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(0, json, true);
  new DataView(bytes.buffer).setUint32(4, tensors, true);
  return bytes;
}

describe('messages', () => {
  it('survive being one body', () => {
    const { json, tensors } = decodeMessage(messages[1]!, frameLimits);
    expect(json).toEqual({ kind: 'result' });
    expect(tensors.get('latent')).toEqual(latent);
    expect(tensors.get('pixels')).toEqual(pixels);
  });

  it.each([1, 2, 7, 8, 9, 64, 10_000])('survive a stream of chunks of %i bytes', async size => {
    const [step, result, ...rest] = await collect(chunks(joined(...messages), size));
    expect(rest).toEqual([]);
    expect(step).toEqual({ json: { kind: 'step' }, tensors: new Map() });
    expect(result!.tensors.get('latent')).toEqual(latent);
  });

  it('end with the stream', async () => {
    expect(await collect(chunks(new Uint8Array(0), 1))).toEqual([]);
  });

  it.each([3, 8, 12, messages[1]!.length - 1])('are refused when the stream ends after %i bytes', async length => {
    await expect(collect(chunks(messages[1]!.subarray(0, length), 5))).rejects.toThrow('ended inside a message');
  });

  it('are refused beyond the limits before anything is read of them', async () => {
    let pulled = 0;
    async function* huge() {
      for (;;) {
        pulled++;
        yield prefix(10, 2 ** 32 - 1);
      }
    }
    await expect(collect(huge())).rejects.toMatchObject({ name: 'FrameError', tooLarge: true });
    await expect(collect(chunks(prefix(2 ** 31, 0), 8))).rejects.toMatchObject({ tooLarge: true });
    expect(pulled).toBe(1);
  });

  it('are refused when the lengths do not add up', () => {
    expect(() => decodeMessage(joined(messages[0]!, new Uint8Array(1)), frameLimits)).toThrow(FrameError);
    expect(() => decodeMessage(messages[0]!.subarray(0, 10), frameLimits)).toThrow(FrameError);
    expect(() => decodeMessage(new Uint8Array(3), frameLimits)).toThrow('at least 8 bytes');
  });

  it('are refused when they hold neither JSON nor safetensors', () => {
    const text = new TextEncoder().encode('{"a":');
    expect(() => decodeMessage(joined(prefix(5, 0), text), frameLimits)).toThrow('JSON of the message');
    expect(() => decodeMessage(joined(prefix(1, 0), text.subarray(0, 1)), frameLimits)).toThrow('holds JSON');
    const broken = joined(prefix(2, 9), new TextEncoder().encode('{}'), new Uint8Array(9));
    expect(() => decodeMessage(broken, frameLimits)).toThrow(/^tensors: header of 0 bytes/);
  });

  it('cancel their source when nobody wants more', async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: controller => controller.enqueue(messages[0]!),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const _ of decodeMessages(stream)) break;
    expect(cancelled).toBe(true);
  });
});
