/** Places for pictures that are being looked for. */
import './picture-card.css';

export function PictureSkeletons({ count }: { readonly count: number }) {
  return (
    <div class="pictures" aria-hidden="true">
      {Array.from({ length: count }, (_, place) => (
        <div key={place} class="picture">
          <span class="frame waits" style={{ aspectRatio: '1' }} />
          <span class="skeleton-line" />
        </div>
      ))}
    </div>
  );
}
