import { describe, expect, it } from 'vitest';
import { allowReading, callerOf, isRefused, preflight, preflightHeaders } from './origin.ts';

const origins = { own: ['http://localhost:8787'], listed: ['https://studio.example'] };
const caller = (headers: Record<string, string>) => callerOf(new Headers(headers), origins);

describe('callerOf', () => {
  it.each([
    [{ origin: 'http://localhost:8787' }, 'own'],
    [{ origin: 'https://studio.example' }, 'listed'],
    [{ origin: 'https://studio.example', 'sec-fetch-site': 'cross-site' }, 'listed'],
    [{ origin: 'https://evil.example' }, 'foreign'],
    [{ origin: 'null' }, 'foreign'],
    [{ origin: '' }, 'foreign'],
    [{ origin: 'http://localhost:3000' }, 'foreign'],
    [{ origin: 'https://localhost:8787' }, 'foreign'],
    [{ origin: 'https://studio.example.evil.example' }, 'foreign'],
    [{ 'sec-fetch-site': 'cross-site' }, 'foreign'],
    [{ 'sec-fetch-site': 'same-site' }, 'foreign'],
    [{ 'sec-fetch-site': 'same-origin' }, 'none'],
    [{ 'sec-fetch-site': 'none' }, 'none'],
    [{}, 'none'],
  ])('%j is %s', (headers, expected) => {
    expect(caller(headers as Record<string, string>)).toBe(expected);
  });
});

describe('isRefused', () => {
  const link = new Headers({ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' });
  const script = new Headers({ 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' });
  const frame = new Headers({ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' });

  it('lets other pages change nothing, read nothing, and frame nothing; links to us work', () => {
    expect(isRefused('foreign', 'POST', link, false)).toBe(true);
    expect(isRefused('foreign', 'GET', script, false)).toBe(true);
    expect(isRefused('foreign', 'GET', frame, false)).toBe(true);
    expect(isRefused('foreign', 'GET', link, false)).toBe(false);
  });

  it('lets an address with a token be shown anywhere', () => {
    expect(isRefused('foreign', 'GET', script, true)).toBe(false);
    expect(isRefused('foreign', 'POST', script, true)).toBe(true);
  });

  it.each(['own', 'listed', 'none'] as const)('lets %s ask', who => {
    expect(isRefused(who, 'POST', script, false)).toBe(false);
  });
});

describe('preflight', () => {
  it('lets a listed page send JSON', () => {
    const answer = preflight('listed');
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
    expect(answer.headers.get('access-control-allow-headers')).toContain('Content-Type');
  });

  it('lets it send every header that a multipart request may carry instead', () => {
    const allowed = preflight('listed').headers.get('access-control-allow-headers')!.split(', ');
    expect(allowed).toEqual(expect.arrayContaining(preflightHeaders));
  });

  it('says nothing to others', () => {
    const answer = preflight('foreign');
    expect(answer.status).toBe(403);
    expect(answer.headers.has('access-control-allow-methods')).toBe(false);
  });
});

describe('allowReading', () => {
  const read = (who: 'own' | 'listed' | 'foreign' | 'none', origin: string | null) => {
    const headers = new Headers({ Vary: 'Accept' });
    allowReading(headers, who, origin);
    return headers;
  };

  it('names the listed origin, never a star and never credentials', () => {
    const headers = read('listed', 'https://studio.example');
    expect(headers.get('access-control-allow-origin')).toBe('https://studio.example');
    expect(headers.has('access-control-allow-credentials')).toBe(false);
  });

  it('never reflects another, and always varies', () => {
    for (const headers of [
      read('foreign', 'https://evil.example'),
      read('own', 'http://localhost:8787'),
      read('none', null),
    ]) {
      expect(headers.has('access-control-allow-origin')).toBe(false);
      expect(headers.get('vary')).toBe('Accept, Origin');
    }
  });
});
