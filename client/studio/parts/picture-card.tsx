/** A picture with words below it. Its frame has the picture's proportions before the picture is there. */
import type { ComponentChildren } from 'preact';
import './picture-card.css';

interface PictureCardProps {
  /** Of the picture, a `data:` URI or an address; null: there is none yet. */
  readonly src: string | null;
  readonly alt: string;
  readonly width: number;
  readonly height: number;
  /** In place of a picture that will not come: why. */
  readonly still?: string | undefined;
  /** Where a click leads; absent: nowhere. */
  readonly href?: string | undefined;
  /** A rough preview: it is drawn soft. */
  readonly rough?: boolean;
  /** On the picture's upper edge, such as `×4`. */
  readonly badge?: string | undefined;
  readonly children?: ComponentChildren;
}

export function PictureCard({
  src,
  alt,
  width,
  height,
  href,
  still,
  rough = false,
  badge,
  children,
}: PictureCardProps) {
  const frame = (
    <span
      class={`frame${src === null && still === undefined ? ' waits' : ''}`}
      style={{ aspectRatio: `${width} / ${height}` }}
    >
      {src !== null && (
        <img
          class={rough ? 'rough' : undefined}
          src={src}
          alt={alt}
          width={width}
          height={height}
          loading="lazy"
          decoding="async"
        />
      )}
      {src === null && still !== undefined && <span class="frame-still">{still}</span>}
      {badge !== undefined && <span class="badge">{badge}</span>}
    </span>
  );
  return (
    <article class="picture">
      {href === undefined ? (
        frame
      ) : (
        <a
          class="picture-link"
          href={href}
          aria-label={src === null ? `${alt}${still === undefined ? '' : `: ${still}`}` : undefined}
        >
          {frame}
        </a>
      )}
      {children}
    </article>
  );
}
