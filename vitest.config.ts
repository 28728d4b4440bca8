import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Packages in node_modules load graphql's CommonJS build; ours must be the same instance.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['{models,wire,schema,worker,gpu-backend,client,scripts,test}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only make the model sessions fight over them.
    maxWorkers: 2,
  },
});
