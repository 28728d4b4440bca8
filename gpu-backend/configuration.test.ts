import { describe, expect, it } from 'vitest';
import { ConfigurationError, readConfiguration } from './configuration.ts';

const secret = 'a secret that is long enough to be one';

describe('readConfiguration', () => {
  it('needs nothing but a secret', () => {
    const configuration = readConfiguration({ DARKROOM_BACKEND_SECRET: secret, PORT: '', HOST: ' ' });
    expect(configuration).toMatchObject({ secret, host: '127.0.0.1', port: 8788, jobs: 1, batch: 1, queueLimit: 16 });
    expect(configuration.checkpoints).toEqual([expect.stringMatching(/models.shipped$/)]);
    expect(configuration.providers).toEqual(['cpu']);
    expect(configuration).toMatchObject({ eager: 'first', home: null });
    expect(configuration.memoryBudget).toBeGreaterThan(2 ** 28);
  });

  it('reads everything', () => {
    const env = {
      DARKROOM_BACKEND_SECRET: secret,
      CHECKPOINTS: '/a, /b,',
      CHECKPOINTS_EAGER: 'all',
      MEMORY_BUDGET: '1.5 GiB',
      DARKROOM_HOME: '/var/darkroom',
      HOST: '0.0.0.0',
      PORT: '0',
      ORT_PROVIDERS: 'cuda, webgpu,cpu,cpu',
      THREADS: '3',
      JOBS: '2',
      DARKROOM_BATCH: '16',
      QUEUE_LIMIT: '0',
      BACKEND_NAME: 'gpu-7',
    };
    expect(readConfiguration(env)).toEqual({
      secret,
      checkpoints: ['/a', '/b'],
      eager: 'all',
      memoryBudget: 1.5 * 2 ** 30,
      home: '/var/darkroom',
      host: '0.0.0.0',
      port: 0,
      providers: ['cuda', 'webgpu', 'cpu'],
      threads: 3,
      jobs: 2,
      batch: 16,
      queueLimit: 0,
      name: 'gpu-7',
    });
  });

  it.each([
    [{ DARKROOM_BACKEND_SECRET: undefined }, 'DARKROOM_BACKEND_SECRET is not set'],
    [{ DARKROOM_BACKEND_SECRET: 'short' }, 'DARKROOM_BACKEND_SECRET has 5 characters, at least 32'],
    [{ PORT: '65536' }, 'PORT is "65536", expected an integer from 0 to 65535'],
    [{ PORT: '-1' }, 'PORT is "-1"'],
    [{ PORT: '0x10' }, 'PORT is "0x10"'],
    [{ THREADS: '0' }, 'THREADS is "0"'],
    [{ JOBS: 'many' }, 'JOBS is "many"'],
    [{ DARKROOM_BATCH: '17' }, 'DARKROOM_BATCH is "17", expected an integer from 1 to 16'],
    [{ ORT_PROVIDERS: 'cpu,tpu' }, 'ORT_PROVIDERS names tpu'],
    [{ CHECKPOINTS_EAGER: 'true' }, 'CHECKPOINTS_EAGER is "true", expected first, all, none'],
    [{ MEMORY_BUDGET: '6' }, 'MEMORY_BUDGET is "6", expected a size such as 6GiB or 900MiB'],
    [{ BACKEND_NAME: 'a b' }, 'BACKEND_NAME must be'],
  ])('refuses %j in one line', (env, problem) => {
    const read = () => readConfiguration({ DARKROOM_BACKEND_SECRET: secret, ...env });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(problem);
    expect(read).not.toThrow('\n');
  });
});
