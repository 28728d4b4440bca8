import { expect, it } from 'vitest';
import { generationOfImage, imageId } from './image-id.ts';

it('names a generation and a place in it', () => {
  expect(generationOfImage(imageId('01ab', 12))).toBe('01ab');
});

it.each(['', '01ab', '01ab-', '-1', '01ab-1x', '../01ab-1', '01ab-1-2'])('knows no image %j', id => {
  expect(generationOfImage(id)).toBeNull();
});
