import { describe, expect, it } from 'vitest';
import { isKnownHost, unknownHost } from './host.ts';

const none = { publicUrl: null, allowedHosts: [] };

describe('isKnownHost', () => {
  it.each(['localhost', 'localhost:8787', 'LOCALHOST:8787', '127.0.0.1:8787', '[::1]:8787'])('answers for %s', host => {
    expect(isKnownHost(host, none)).toBe(true);
  });

  it.each([
    null,
    '',
    'evil.example',
    'evil.example:8787',
    'localhost.evil.example',
    'localhost.',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    'localhost:8787:1',
    'localhost:99999',
    '[',
    '%',
    'a b',
    'localhost, evil.example',
    '127.0.0.2',
    '0.0.0.0',
  ])('does not answer for %j', host => {
    expect(isKnownHost(host, none)).toBe(false);
  });

  it('answers for the public host, with or without a default port', () => {
    const known = { publicUrl: new URL('https://darkroom.example'), allowedHosts: [] };
    expect(isKnownHost('darkroom.example', known)).toBe(true);
    expect(isKnownHost('darkroom.example:443', known)).toBe(true);
    expect(isKnownHost('darkroom.example:80', known)).toBe(false);
    expect(isKnownHost('darkroom.example.', known)).toBe(false);
  });

  it('answers for a public host with a port at that port only', () => {
    const known = { publicUrl: new URL('http://darkroom.example:8080'), allowedHosts: [] };
    expect(isKnownHost('darkroom.example:8080', known)).toBe(true);
    expect(isKnownHost('darkroom.example', known)).toBe(false);
  });

  it('answers for listed hosts, at any port unless one is named', () => {
    const known = { publicUrl: null, allowedHosts: ['box.lan', 'other.lan:99', 'fd00::1'] };
    expect(isKnownHost('box.lan:1234', known)).toBe(true);
    expect(isKnownHost('Other.lan:99', known)).toBe(true);
    expect(isKnownHost('other.lan', known)).toBe(false);
    expect(isKnownHost('[fd00::1]:8787', known)).toBe(true);
  });
});

describe('unknownHost', () => {
  it.each(['box.lan', 'BOX.lan:8787', '[fd00::1]:8787', '192.168.1.2:8787'])(
    'says of %s what to type, and then it is known',
    host => {
      const [, typed] = /ALLOWED_HOSTS=(\S+)/.exec(unknownHost(host))!;
      expect(isKnownHost(host, none)).toBe(false);
      expect(isKnownHost(host, { publicUrl: null, allowedHosts: [typed!] })).toBe(true);
    },
  );

  it.each([null, '', 'a b', '<script>', `${'a'.repeat(10_000)}`])('repeats nothing of %j', host => {
    expect(unknownHost(host)).toBe('The Host header is not the name or address of a host');
  });
});
