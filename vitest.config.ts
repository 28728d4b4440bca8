import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{models,wire,schema,worker,gpu-backend,client,scripts,test}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only make the model sessions fight over them.
    maxWorkers: 2,
  },
});
