/** What any request meets first: hosts, origins, methods, sizes, and the page for people. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House } from './house.ts';

const studio = 'https://studio.example';
let house: House;
beforeAll(async () => {
  house = await House.build({ CORS_ORIGINS: studio, ALLOWED_HOSTS: 'box.lan' }, false);
});
afterAll(() => house?.tearDown());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends exactly these headers, unlike fetch, which has its own mind about Host, Origin and Sec-Fetch-*. */
function send(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  const { hostname, port } = new URL(house.url);
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest({ hostname, port, method, path, headers: { ...length, ...headers } }, response => {
      const chunks: Buffer[] = [];
      response.on('data', chunk => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends bytes that no client would, and answers what comes back up to the end of its JSON. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(house.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', data => {
      answer += data.toString();
      if (!answer.includes('}')) return;
      resolve(answer);
      socket.destroy();
    });
    socket.once('end', () => resolve(answer));
    socket.once('error', reject);
    socket.write(text);
  });
}

const json = { 'content-type': 'application/json' };
const ask = JSON.stringify({ query: '{ __typename }' });
/** What Chrome adds to a script's request. */
const fromScript = (origin: string, site: string) => ({
  origin,
  referer: `${origin}/`,
  'sec-fetch-site': site,
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
});

describe('the Host header', () => {
  it.each(['evil.example', 'evil.example:8787', '127.0.0.1.evil.example', 'localhost.evil.example'])(
    'that says %s is refused on every path',
    async host => {
      for (const [method, path] of [
        ['GET', '/health'],
        ['GET', '/graphql'],
        ['GET', '/images/x.png'],
        ['POST', '/graphql'],
        ['OPTIONS', '/graphql'],
      ] as const) {
        const { status, body } = await send(method, path, { host, ...json }, method === 'POST' ? ask : undefined);
        expect(status).toBe(421);
        expect(body).toContain(`ALLOWED_HOSTS=${host.replace(/:.*/, '')} `);
        expect(body).not.toContain('__typename');
      }
    },
  );

  it.each(['[', '%', 'a b', 'localhost:99999', 'localhost\r\nHost: evil.example', 'localhost\r\nHost: localhost'])(
    'that says %j is nobody',
    async host => {
      const answer = await raw(`GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 (421|400)/);
      expect(answer.toLowerCase()).toContain('x-content-type-options: nosniff');
      expect(answer).toContain('"errors"');
    },
  );

  it.each(['localhost', '127.0.0.1:8787', '[::1]:1', 'box.lan'])('that says %s is answered', async host => {
    expect((await send('POST', '/graphql', { host, ...json }, ask)).status).toBe(200);
  });
});

describe('a page of another origin', () => {
  it.each([
    ['cross-site script', fromScript('https://evil.example', 'cross-site')],
    ['script of another port', fromScript('http://localhost:3000', 'same-site')],
    ['sandboxed frame', fromScript('null', 'cross-site')],
    ['page of an old browser', { origin: 'https://evil.example' }],
    ['look-alike of a listed one', fromScript(`${studio}.evil.example`, 'cross-site')],
  ])('can neither read nor change anything: %s', async (_, headers) => {
    for (const answer of [
      await send('POST', '/graphql', { ...json, ...headers }, ask),
      await send('POST', '/graphql', { 'content-type': 'text/plain', ...headers }, ask),
      await send('GET', '/graphql?query=%7B__typename%7D', headers),
      await send('OPTIONS', '/graphql', {
        ...headers,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      }),
    ]) {
      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain('Query');
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(answer.headers.vary).toContain('Origin');
    }
  });

  it('cannot send a form', async () => {
    const form = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain']) {
      expect((await send('POST', '/graphql', { ...form, 'content-type': type }, ask)).status).toBe(403);
    }
  });

  it('cannot read or frame GraphiQL, but may link to it', async () => {
    const page = { accept: 'text/html', 'sec-fetch-site': 'cross-site' };
    const visit = { ...page, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect((await send('GET', '/graphql', visit)).status).toBe(200);
    expect((await send('GET', '/graphql', { ...visit, 'sec-fetch-dest': 'iframe' })).status).toBe(403);
    expect((await send('GET', '/graphql', { ...page, 'sec-fetch-mode': 'no-cors' })).status).toBe(403);
  });
});

describe('a listed origin', () => {
  it('may ask first, and then ask', async () => {
    const headers = fromScript(studio, 'cross-site');
    const preflight = await send('OPTIONS', '/graphql', {
      ...headers,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': studio,
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': expect.stringMatching(/content-type/i),
    });
    const { status, headers: answer, body } = await send('POST', '/graphql', { ...json, ...headers }, ask);
    expect([status, JSON.parse(body)]).toEqual([200, { data: { __typename: 'Query' } }]);
    expect(answer['access-control-allow-origin']).toBe(studio);
    expect(answer['access-control-allow-credentials']).toBeUndefined();
    expect(answer.vary).toContain('Origin');
  });
});

describe('our own page', () => {
  it('may ask without being listed', async () => {
    const headers = { ...json, ...fromScript(house.url, 'same-origin') };
    expect((await send('POST', '/graphql', headers, ask)).status).toBe(200);
  });
});

describe('a body', () => {
  const large = (bytes: number) => JSON.stringify({ query: `{ __typename } #${'x'.repeat(bytes)}` });

  it('of JSON may have 8 MB', async () => {
    const { status } = await send('POST', '/graphql', json, large(7_900_000));
    expect([200, 400]).toContain(status);
    const refused = await send('POST', '/graphql', json, large(8_000_000));
    expect(refused.status).toBe(413);
    const message = 'The request body is larger than 8 MB: send files in a multipart request, which may have 32 MB';
    expect(JSON.parse(refused.body)).toMatchObject({ errors: [{ message }] });
    // Clients that send all before they listen get the answer too.
    for (const bytes of [8_100_000, 20_000_000]) expect((await house.post(large(bytes))).status).toBe(413);
  });

  it('that says it is too long is refused before it is sent', async () => {
    const answer = await raw(
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000000\r\n\r\n{',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413/);
  });

  it('of unknown length is refused at the limit', async () => {
    const { hostname, port } = new URL(house.url);
    let sent = 0;
    const status = await new Promise<number>((resolve, reject) => {
      const request = httpRequest({ hostname, port, method: 'POST', path: '/graphql', headers: json }, response => {
        resolve(response.statusCode!);
        request.destroy();
      });
      request.on('error', reject);
      const chunk = Buffer.alloc(1_000_000, 'x');
      const more = () => {
        if (request.destroyed || sent >= 100_000_000) return;
        sent += chunk.byteLength;
        request.write(chunk, more);
      };
      more();
    });
    expect(status).toBe(413);
    expect(sent).toBeLessThan(50_000_000);
  });

  it('of several parts needs a header that a form cannot send, and may have 32 MB', async () => {
    const multipart = { 'content-type': 'multipart/form-data; boundary=x' };
    expect((await send('POST', '/graphql', multipart, '--x--\r\n')).status).toBe(400);
    const announced = { ...multipart, 'graphql-require-preflight': '1' };
    expect((await send('POST', '/graphql', announced, 'x'.repeat(32_000_001))).status).toBe(413);
    const small = await send('POST', '/graphql', announced, '--x--\r\n');
    expect(small.status).toBe(400);
    expect(JSON.parse(small.body).errors[0].message).toContain('The form lacks its part operations');
    expect((await house.post('x'.repeat(20_000_000), announced)).status).toBe(400);
  });

  it.each([
    [{ 'content-type': 'text/plain;charset=UTF-8' }, 'the Content-Type text/plain'],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 'the Content-Type application/x-www-form-urlencoded'],
    [{ 'content-type': 'application/graphql' }, 'the Content-Type application/graphql'],
    [{}, 'no Content-Type'],
  ])('with %j is not taken, and told what is', async (headers, given) => {
    const { status, body } = await send('POST', '/graphql', headers, ask);
    expect(status).toBe(415);
    expect(JSON.parse(body).errors[0].message).toBe(
      `The request has ${given}: expected Content-Type: application/json`,
    );
  });
});

describe('GET', () => {
  it('asks, and never changes anything', async () => {
    const query = await send('GET', `/graphql?query=${encodeURIComponent('{ __typename }')}`);
    expect(JSON.parse(query.body)).toEqual({ data: { __typename: 'Query' } });
    const mutation = 'mutation { generate(input: { prompt: "a" }) { __typename } }';
    const answer = await send('GET', `/graphql?query=${encodeURIComponent(mutation)}`);
    expect(answer.status).toBe(405);
    expect(answer.body).not.toContain('"data"');
  });

  it('tells that the worker lives', async () => {
    const { status, body, headers } = await send('GET', '/health');
    expect([status, JSON.parse(body)]).toEqual([200, { status: 'alive' }]);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
  });

  it.each([
    '/nothing',
    '/assets/graphiql.html',
    '/assets/../worker/index.js',
    '/assets/%2e%2e/worker/index.js',
    '/graphql/x',
  ])('has nothing at %s', async path => {
    expect((await send('GET', path)).status).toBe(404);
  });

  it.each(['PUT', 'DELETE', 'PATCH'])('is not %s', async method => {
    expect((await send(method, '/graphql', json, ask)).status).toBe(405);
    expect((await send(method, '/health')).status).toBe(405);
  });
});

describe('GraphiQL', () => {
  it('is all ours: page, program and styles, and a policy that allows nothing else', async () => {
    const page = await send('GET', '/graphql', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; /);
    expect(page.headers['content-security-policy']).not.toMatch(/https?:|\*|unsafe-eval/);
    expect(page.headers.vary).toMatch(/Accept/);
    // An inline script would need the policy's leave.
    expect(page.body).not.toMatch(/<script>|\son[a-z]+=/);

    const loaded = [...page.body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!);
    expect(loaded.filter(address => !address.startsWith('data:'))).toHaveLength(2);
    for (const address of loaded.filter(address => !address.startsWith('data:'))) {
      expect(address).toMatch(/^\/assets\/graphiql-[0-9a-f]{16}\.(js|css)$/);
      const file = await send('GET', address);
      expect(file.status).toBe(200);
      expect(file.headers['content-type']).toMatch(/^text\/(javascript|css); charset=utf-8$/);
      expect(file.headers['cache-control']).toContain('immutable');
      expect(file.body.length).toBeGreaterThan(500_000);
      expect(file.body).not.toMatch(/@import\s|url\(\s*["']?https?:/);
    }
  });

  it('is not what programs get', async () => {
    const { headers } = await send('GET', '/graphql?query=%7B__typename%7D', { accept: '*/*' });
    expect(headers['content-type']).toContain('json');
  });
});

describe('the studio', () => {
  const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  it('is one page at all of its addresses, isolated, and may do nothing but what it needs', async () => {
    for (const path of ['/', '/g/R2VuZXJhdGlvbjox', '/search?like=x', '/map', '/laboratory', '/laboratory/compress']) {
      const { status, headers, body } = await send('GET', path, browser);
      expect([path, status]).toEqual([path, 200]);
      expect(body).toContain('<title>Darkroom</title>');
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; /);
      expect(headers['content-security-policy']).not.toMatch(/https?:|\*|unsafe-inline|'unsafe-eval'/);
      expect(headers.vary).toMatch(/Accept/);
    }
  });

  it('loads files that may be kept for ever', async () => {
    const { body } = await send('GET', '/', browser);
    const loaded = [...body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!);
    expect(loaded.length).toBeGreaterThan(2);
    for (const address of loaded) {
      const [file, head] = [await send('GET', address), await send('HEAD', address)];
      expect([address, file.status, head.status, head.body]).toEqual([address, 200, 200, '']);
      expect(file.headers['cache-control']).toContain('immutable');
      expect(file.headers['content-type']).toMatch(/javascript|css|woff2|svg/);
      expect(head.headers['content-type']).toBe(file.headers['content-type']);
    }
    expect((await send('HEAD', '/', browser)).body).toBe('');
  });

  it('says where it has nothing, to people and to programs', async () => {
    const page = await send('GET', '/nowhere', browser);
    expect([page.status, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    for (const path of ['/nowhere', '/g/x', '/assets/nothing.js', '/assets/studio.html', '/assets/../wrangler.toml']) {
      const { status, body } = await send('GET', path);
      expect([path, status]).toEqual([path, 404]);
      expect(JSON.parse(body).errors[0].extensions.code).toBe('NOT_FOUND');
    }
  });

  it('tells programs at its address where to ask', async () => {
    const { status, body, headers } = await send('GET', '/', { accept: '*/*' });
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(body)).toMatchObject({ name: 'Darkroom', graphql: `${house.url}/graphql` });
    const posted = await send('POST', '/', json, ask);
    expect([posted.status, posted.body]).toEqual([405, expect.stringContaining('/graphql')]);
  });
});
