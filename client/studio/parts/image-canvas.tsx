/** A picture that was computed in this page. */
import { useLayoutEffect, useRef } from 'preact/hooks';

interface ImageCanvasProps {
  readonly image: ImageData;
  readonly alt: string;
  /** A rough preview: it is drawn soft. */
  readonly rough?: boolean;
}

export function ImageCanvas({ image, alt, rough = false }: ImageCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = image;
  // Before it is painted: setting its size has cleared it.
  useLayoutEffect(() => {
    canvas.current!.getContext('2d')!.putImageData(image, 0, 0);
  }, [image]);
  return (
    <canvas
      ref={canvas}
      class={rough ? 'rough' : undefined}
      role="img"
      aria-label={alt}
      width={width}
      height={height}
    />
  );
}
