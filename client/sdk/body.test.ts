import { expect, it } from 'vitest';
import { requestBody } from './body.ts';
import { withImageInputs } from './pictures.ts';

it('is JSON where there are no files, with seeds beyond what JSON numbers hold', () => {
  const { body, headers } = requestBody('{ a }', { seed: 2n ** 53n - 1n, nothing: null });
  expect(JSON.parse(body as string)).toEqual({
    query: '{ a }',
    variables: { seed: '9007199254740991', nothing: null },
  });
  expect(headers).toEqual({ 'Content-Type': 'application/json' });
});

it('is a form where there are, each in its place', async () => {
  const png = new Blob(['png'], { type: 'image/png' });
  const variables = {
    input: withImageInputs({ images: [png, new Uint8Array([1, 2]), { latentKey: 'k' }], texts: ['a'] }),
  };
  const { body, headers } = requestBody('q', variables);
  expect(headers).toEqual({ 'GraphQL-Require-Preflight': '1' });
  const form = body as FormData;
  expect(JSON.parse(form.get('operations') as string)).toEqual({
    query: 'q',
    variables: { input: { images: [{ file: null }, { file: null }, { latentKey: 'k' }], texts: ['a'] } },
  });
  expect(JSON.parse(form.get('map') as string)).toEqual({
    0: ['variables.input.images.0.file'],
    1: ['variables.input.images.1.file'],
  });
  expect(await (form.get('0') as Blob).text()).toBe('png');
  expect(new Uint8Array(await (form.get('1') as Blob).arrayBuffer())).toEqual(new Uint8Array([1, 2]));
});

it('takes a part of a larger buffer for that part', async () => {
  const bytes = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
  const { file } = withImageInputs(bytes) as { file: Blob };
  expect(new Uint8Array(await file.arrayBuffer())).toEqual(new Uint8Array([1, 2]));
});
