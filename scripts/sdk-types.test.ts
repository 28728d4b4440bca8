import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { generatedFile, sdkTypes } from './sdk-types.ts';

it("has written the SDK's types from today's schema and documents (else: npm run sdk:types)", async () => {
  expect(await readFile(generatedFile, 'utf8')).toBe(await sdkTypes());
});
