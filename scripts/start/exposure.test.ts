import { expect, it } from 'vitest';
import { checkExposure } from './exposure.ts';

it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('lets %s be', host => {
  expect(() => checkExposure(host, {})).not.toThrow();
});

it.each(['0.0.0.0', '::', '192.168.1.2', 'example.org', '128.0.0.1'])('refuses to open %s to everybody', host => {
  expect(() => checkExposure(host, {})).toThrow('ALLOW_WITHOUT_KEYS=true');
  expect(() => checkExposure(host, { ALLOW_WITHOUT_KEYS: 'yes' })).toThrow('ALLOW_WITHOUT_KEYS=true');
});

it('asks for the names that clients use', () => {
  expect(() => checkExposure('0.0.0.0', { ALLOW_WITHOUT_KEYS: 'true' })).toThrow('PUBLIC_URL or ALLOWED_HOSTS');
  expect(() => checkExposure('0.0.0.0', { ALLOW_WITHOUT_KEYS: 'true', ALLOWED_HOSTS: 'box.lan' })).not.toThrow();
});
