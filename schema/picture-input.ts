import type { CheckpointCard } from '../wire/card.ts';
import type { ResolverContext } from './builder.ts';
import type { ImageSource } from './context.ts';
import type { ReadPicture } from './laboratory-service.ts';

/**
 * The picture of an input's `image`, for what cannot do with a latent in its place.
 * @throws InputError, RequestError NOT_FOUND, RetryLater
 */
export function readPictureInput(
  image: ImageSource,
  card: CheckpointCard,
  { services, pictures }: Pick<ResolverContext, 'services' | 'pictures'>,
): Promise<ReadPicture> {
  pictures.take();
  return services.laboratory.readPicture(image, card, ['input', 'image']);
}
