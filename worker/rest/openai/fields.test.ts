import { describe, expect, it } from 'vitest';
import { InputError } from '../../../schema/errors.ts';
import { readImageRequest } from './fields.ts';

const read = (more: Record<string, unknown> = {}) => readImageRequest({ prompt: 'a cat', ...more });

function fieldsOf(more: Record<string, unknown>): string[] {
  try {
    read(more);
  } catch (error) {
    if (error instanceof InputError) return error.issues.map(({ path }) => path.join('.'));
    throw error;
  }
  return [];
}

describe('readImageRequest', () => {
  it('leaves defaults to the checkpoint, and answers in both ways', () => {
    const { input, ...rest } = read();
    expect(Object.entries(input).filter(([, value]) => value !== undefined)).toEqual([['prompt', 'a cat']]);
    expect(rest).toEqual({
      format: 'PNG',
      responseFormat: null,
      streams: false,
      partialImages: 0,
      safetyIdentifier: null,
    });
  });

  it('takes null for absent', () => {
    const nulls = ['model', 'n', 'size', 'quality', 'style', 'background', 'stream', 'partial_images', 'no_such_field'];
    expect(fieldsOf(Object.fromEntries(nulls.map(name => [name, null])))).toEqual([]);
  });

  it('translates what it knows by another name', () => {
    const given = { model: 'm', n: 2, size: '256x128', seed: 3, steps: 4, guidance_scale: 5, negative_prompt: 'x' };
    expect(read(given).input).toMatchObject({
      ...{
        checkpoint: 'm',
        count: 2,
        width: 256,
        height: 128,
        seed: 3,
        steps: 4,
        guidanceScale: 5,
        negativePrompt: 'x',
      },
    });
  });

  it.each(['128', '128x', '-1x128', '1e3x8', '128 x 128', 'large', 128, ['128x128'], ''])(
    'refuses the size %j',
    size => {
      expect(fieldsOf({ size })).toEqual(['body.size']);
    },
  );

  it('names all fields that it cannot honour', () => {
    const bad = { quality: 'high', style: 'natural', toString: 1, __proto: 2, output_format: 'bmp', stream: 'yes' };
    expect(fieldsOf(bad)).toEqual(
      ['quality', 'style', 'toString', '__proto', 'output_format', 'stream'].map(name => `body.${name}`),
    );
  });

  it('does not drop partial images, nor addresses, where there can be none', () => {
    expect(fieldsOf({ partial_images: 1 })).toEqual(['body.partial_images']);
    expect(fieldsOf({ partial_images: 0 })).toEqual([]);
    expect(fieldsOf({ partial_images: 1.5, stream: true })).toEqual(['body.partial_images']);
    expect(fieldsOf({ stream: true, response_format: 'url' })).toEqual(['body.response_format']);
    expect(read({ stream: true, response_format: 'b64_json', partial_images: 3 })).toMatchObject({ partialImages: 3 });
  });

  it('prefers the newer of two names for whom it is for', () => {
    expect(read({ user: 'old', safety_identifier: 'new' }).safetyIdentifier).toBe('new');
    expect(read({ user: 'old', safety_identifier: '' }).safetyIdentifier).toBe('old');
    expect(fieldsOf({ user: 'u'.repeat(513) })).toEqual(['body.user']);
  });
});
