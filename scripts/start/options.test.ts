import { describe, expect, it } from 'vitest';
import { parseOptions, StartError } from './options.ts';

describe('parseOptions', () => {
  it('listens on loopback and draws with the shipped checkpoint by default', () => {
    const options = parseOptions({});
    expect(options).toMatchObject({ host: '127.0.0.1', port: 8787 });
    expect(options.checkpoints).toHaveLength(1);
    expect(options.checkpoints[0]).toMatch(/models\/shipped$/);
  });

  it('takes several checkpoints, the first as the default', () => {
    expect(parseOptions({ CHECKPOINTS: '/a, /b,' }).checkpoints).toEqual(['/a', '/b']);
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', 'http'],
    ['PORT', '80.5'],
    ['HOST', 'not a host'],
    ['HOST', 'http://127.0.0.1'],
  ])('refuses %s=%s by name', (name, value) => {
    expect(() => parseOptions({ [name]: value })).toThrow(StartError);
    expect(() => parseOptions({ [name]: value })).toThrow(`${name} is "${value}"`);
  });
});
