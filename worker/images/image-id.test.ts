import { expect, it } from 'vitest';
import { generationOfImage, imageId, readLatentImageId, readSheetImageId, sheetImageId } from './image-id.ts';

it('names a generation and a place in it', () => {
  expect(generationOfImage(imageId('01ab', 12))).toBe('01ab');
});

it.each(['', '01ab', '01ab-', '-1', '01ab-1x', '../01ab-1', '01ab-1-2'])('knows no image %j', id => {
  expect(generationOfImage(id)).toBeNull();
});

it('names a contact sheet, and nothing else by that', () => {
  const id = sheetImageId('0a'.repeat(16));
  expect(readSheetImageId(id)).toBe('0a'.repeat(16));
  expect([generationOfImage(id), readLatentImageId(id)]).toEqual([null, null]);
});

it.each(['', 'sheet-', 'sheet-1', `sheet-${'g'.repeat(32)}`, `sheet-${'0a'.repeat(16)}-1`])('knows no sheet %j', id => {
  expect(readSheetImageId(id)).toBeNull();
});
