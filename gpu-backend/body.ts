import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { equalInConstantTime } from '../wire/signature.ts';
import { RequestRefused } from './refusal.ts';

/** The client is gone: there is nobody to answer. */
export class HungUp extends Error {
  override readonly name = 'HungUp';
}

/**
 * Reads a body of known length, hashing as it arrives.
 * @param expected length in bytes and SHA-256 in lower-case hex, both from a header whose signature was verified
 * @param idle milliseconds that may pass without a byte
 * @throws RequestRefused `unauthorized` when the digest is another, `timeout` when the sender stalls
 * @throws HungUp
 */
export function readBody(
  request: IncomingMessage,
  expected: { readonly bytes: number; readonly digest: string },
  idle: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // The header was being verified meanwhile: whoever left then is told of no more.
    if (request.destroyed) {
      reject(new HungUp('the client hung up before its body was read'));
      return;
    }
    const body = Buffer.allocUnsafe(expected.bytes);
    const hash = createHash('sha256');
    let filled = 0;
    const timer = setTimeout(() => finish(new RequestRefused('timeout', `no byte for ${idle} ms`)), idle);
    const onData = (chunk: Buffer) => {
      // Node ends a request at its Content-Length; a longer one cannot be seen here, and copy() would cut it off.
      filled += chunk.copy(body, filled);
      hash.update(chunk);
      timer.refresh();
    };
    const onEnd = () => {
      if (filled === expected.bytes && equalInConstantTime(hash.digest('hex'), expected.digest)) finish(null);
      else finish(new RequestRefused('unauthorized', 'the body is not the one that was signed', { reason: 'digest' }));
    };
    const onGone = () => finish(new HungUp('the client hung up while sending'));
    const finish = (problem: Error | null) => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      if (problem) reject(problem);
      else resolve(body);
    };
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
}
