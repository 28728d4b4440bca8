import { describe, expect, it } from 'vitest';
import { ConfigurationError, readConfiguration } from './configuration.ts';

const secrets = { BACKEND_SECRET: 'b'.repeat(32), URL_SECRET: 'u'.repeat(32) };

describe('readConfiguration', () => {
  it('needs the secrets and nothing else', () => {
    expect(readConfiguration(secrets)).toMatchObject({ backends: [], publicUrl: null, logPrompts: false });
  });

  it('reads the size of the cache', () => {
    expect(readConfiguration(secrets).cacheBytes).toBe(10_000_000_000);
    expect(readConfiguration({ ...secrets, CACHE_MEGABYTES: '5' }).cacheBytes).toBe(5_000_000);
    for (const text of ['0', '-1', '1.5', 'much']) {
      expect(() => readConfiguration({ ...secrets, CACHE_MEGABYTES: text })).toThrow('CACHE_MEGABYTES');
    }
  });

  it('reads how much of it is for steps to go on from, which may be nothing', () => {
    expect(readConfiguration(secrets).reuseBytes).toBe(1_000_000_000);
    expect(readConfiguration({ ...secrets, REUSE_MEGABYTES: '0' }).reuseBytes).toBe(0);
    for (const text of ['-1', '1.5', 'much']) {
      expect(() => readConfiguration({ ...secrets, REUSE_MEGABYTES: text })).toThrow('REUSE_MEGABYTES');
    }
  });

  it('signs webhooks where there is a secret, and calls the public internet alone unless it is told otherwise', () => {
    expect(readConfiguration(secrets)).toMatchObject({ webhookSecret: null, webhookAllowPrivate: false });
    expect(readConfiguration({ ...secrets, WEBHOOK_SECRET: ' ', WEBHOOK_ALLOW_PRIVATE: 'false' })).toMatchObject({
      webhookSecret: null,
      webhookAllowPrivate: false,
    });
    const secret = `whsec_${btoa('k'.repeat(32))}`;
    expect(readConfiguration({ ...secrets, WEBHOOK_SECRET: secret, WEBHOOK_ALLOW_PRIVATE: 'true' })).toMatchObject({
      webhookSecret: secret,
      webhookAllowPrivate: true,
    });
  });

  it('takes true and false for switches, and no other word for either', () => {
    expect(readConfiguration({ ...secrets, LOG_PROMPTS: 'true' }).logPrompts).toBe(true);
    for (const name of ['LOG_PROMPTS', 'WEBHOOK_ALLOW_PRIVATE']) {
      for (const text of ['yes', '1', 'TRUE']) {
        expect(() => readConfiguration({ ...secrets, [name]: text })).toThrow(`${name} holds "${text}"`);
      }
    }
  });

  it('reads lists and addresses', () => {
    const configuration = readConfiguration({
      ...secrets,
      BACKENDS: 'http://a:1, https://b.example/gpu',
      PUBLIC_URL: 'https://darkroom.example/',
      CORS_ORIGINS: 'https://Studio.example/',
      ALLOWED_HOSTS: 'Box.LAN, ',
      BLOCKED_TERMS: 'one, two words',
    });
    expect(configuration.backends).toEqual(['http://a:1/', 'https://b.example/gpu']);
    expect(configuration.publicUrl?.origin).toBe('https://darkroom.example');
    expect(configuration.corsOrigins).toEqual(['https://studio.example']);
    expect(configuration.allowedHosts).toEqual(['box.lan']);
    expect(configuration.blockedTerms).toEqual(['one', 'two words']);
  });

  it.each([
    ['URL_SECRET', ''],
    ['URL_SECRET', 'short'],
    ['BACKEND_SECRET', undefined],
    ['BACKENDS', 'not a url'],
    ['PUBLIC_URL', 'darkroom.example'],
    ['PUBLIC_URL', 'https://example.org/darkroom'],
    ['PUBLIC_URL', 'https://example.org/?x'],
    ['PUBLIC_URL', 'https://me:secret@example.org'],
    ['CORS_ORIGINS', 'https://studio.example/page'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'null'],
    ['WEBHOOK_SECRET', 'whsec_'],
    ['WEBHOOK_SECRET', 'k'.repeat(32)],
  ])('refuses %s=%j by name', (name, value) => {
    expect(() => readConfiguration({ ...secrets, [name]: value })).toThrow(ConfigurationError);
    expect(() => readConfiguration({ ...secrets, [name]: value })).toThrow(name);
  });
});
