import type { CheckpointCard } from '../wire/card.ts';
import type { ResolverContext } from './builder.ts';
import type { ImageSource } from './context.ts';
import { InputError } from './errors.ts';
import type { ReadPicture } from './laboratory-service.ts';

/**
 * The picture of an input's `image`, for what cannot do with a latent in its place.
 * @throws InputError, RequestError NOT_FOUND, RetryLater
 */
export async function readPictureInput(
  image: ImageSource,
  card: CheckpointCard,
  { services, pictures }: Pick<ResolverContext, 'services' | 'pictures'>,
): Promise<ReadPicture> {
  pictures.take();
  const path = ['input', 'image'];
  const read = await services.laboratory.read(image, card, path);
  if (read.kind === 'PICTURE') return read;
  const at = [...path, image.file != null ? 'file' : 'data'];
  const message = 'the file is a latent: a picture is needed. encodeImage keeps it; then name its picture by latentKey';
  throw new InputError([{ path: at, message }]);
}
