/** The bytes of a picture that a caller sends, however it is sent. */
import type { ImageSource } from '../../schema/context.ts';
import { InputError } from '../../schema/errors.ts';

/**
 * @param path of the source in the input
 * @returns null where the source names a latent instead
 * @throws InputError for a text that is neither base64 nor a data URI with base64
 */
export async function imageBytes(
  { file, data }: ImageSource,
  path: readonly string[],
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (file != null) return new Uint8Array(await file.arrayBuffer());
  if (data == null) return null;
  const bytes = fromBase64(data);
  if (bytes) return bytes;
  throw new InputError([{ path: [...path, 'data'], message: 'data is not base64, nor a data: URI with base64' }]);
}

/** Where in the input a source's picture is. */
export function imagePath({ file, data }: ImageSource, path: readonly string[]): readonly string[] {
  return [...path, file != null ? 'file' : data != null ? 'data' : 'latentKey'];
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const [, base64 = text] = /^\s*data:[^,]{0,200};base64,(.*)$/is.exec(text) ?? [];
  let binary: string;
  try {
    binary = atob(base64);
  } catch {
    return null;
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
