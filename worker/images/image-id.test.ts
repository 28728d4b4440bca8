import { expect, it } from 'vitest';
import { imageId, readImageId } from './image-id.ts';

it('names a generation and a place in it', () => {
  expect(readImageId(imageId('01ab', 12))).toEqual({ generationId: '01ab', index: 12 });
});

it.each(['', '01ab', '01ab-', '-1', '01ab-1x', '../01ab-1', '01ab-1-2'])('knows no image %j', id => {
  expect(readImageId(id)).toBeNull();
});
