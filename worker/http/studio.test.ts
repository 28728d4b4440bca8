import { describe, expect, it } from 'vitest';
import { signpost, studioPage } from './studio.ts';

const assets = { fetch: async () => new Response('the page') } as unknown as Fetcher;
const ask = (path: string, publicOrigin: string | null = null, method = 'GET') =>
  studioPage(new Request(`http://x${path}`, { method }), assets, path, publicOrigin);

describe('the studio', () => {
  it.each(['/', '/g/abc', '/search', '/map', '/laboratory', '/laboratory/mix'])('is at %s', async path => {
    expect((await ask(path)).status).toBe(200);
  });

  it.each(['/g', '/g/a/b', '/searches', '/laboratory/Mix'])('is not at %s, and says so itself', async path => {
    const answer = await ask(path);
    expect([answer.status, await answer.text()]).toEqual([404, 'the page']);
  });

  it('takes pictures and latents from where they are served, and nothing else', async () => {
    const policy = async (origin: string | null) => (await ask('/', origin)).headers.get('content-security-policy');
    expect(await policy(null)).not.toContain('https:');
    const elsewhere = (await policy('https://pictures.example'))!.split('; ');
    expect(elsewhere.filter(rule => rule.includes('https:'))).toEqual([
      "connect-src 'self' https://pictures.example",
      "img-src 'self' data: blob: https://pictures.example",
    ]);
  });

  it('is asked for its headers alone', async () => {
    const answer = await ask('/', null, 'HEAD');
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  it('says that it is not built', async () => {
    const empty = { fetch: async () => new Response(null, { status: 404 }) } as unknown as Fetcher;
    await expect(studioPage(new Request('http://x/'), empty, '/', null)).rejects.toThrow('npm run build');
  });
});

it('programs are told where to go on', async () => {
  const answer = signpost(new Request('http://x/'), 'https://darkroom.example');
  expect(await answer.json()).toMatchObject({ graphql: 'https://darkroom.example/graphql' });
  const head = signpost(new Request('http://x/', { method: 'HEAD' }), 'https://darkroom.example');
  expect([head.headers.get('content-type'), await head.text()]).toEqual(['application/json', '']);
});
