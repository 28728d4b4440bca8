import { describe, expect, it, vi } from 'vitest';
import { held } from './held-answer.ts';

const coming = (milliseconds: number, response: Response) =>
  new Promise<Response>(resolve => setTimeout(() => resolve(response), milliseconds));
const times = { patienceMs: 40, everyMs: 10 };
const ok = () => Response.json({ created: 1 });
const failed = () => Response.json({ error: { message: 'no' } }, { status: 500 });

describe('held', () => {
  it('passes on what comes soon, with its own status', async () => {
    const response = await held(coming(1, failed()), {}, () => {}, times);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"error":{"message":"no"}}');
  });

  it('answers with spaces until what takes longer is there: the JSON is the same', async () => {
    const response = await held(coming(120, ok()), { 'X-Request-Id': 'g' }, () => {}, times);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-request-id')).toBe('g');
    const text = await response.text();
    expect(text).toMatch(/^ +\{/);
    expect(JSON.parse(text)).toEqual({ created: 1 });
  });

  it('breaks off, after its words, what fails later: nobody takes it for a success', async () => {
    const response = await held(coming(80, failed()), {}, () => {}, times);
    const reader = response.body!.getReader();
    let text = '';
    const reading = (async () => {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        text += new TextDecoder().decode(value);
      }
    })();
    await expect(reading).rejects.toThrow('failed');
    expect(JSON.parse(text)).toEqual({ error: { message: 'no' } });
  });

  it('tells of a caller who leaves meanwhile', async () => {
    const left = vi.fn();
    const response = await held(coming(200, ok()), {}, left, times);
    await response.body!.cancel();
    expect(left).toHaveBeenCalledTimes(1);
  });
});
