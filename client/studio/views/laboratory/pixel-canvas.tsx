/** A picture that was computed in this page. */
import { useEffect, useRef } from 'preact/hooks';
import type { Pixels } from '../../../../models/fit.ts';
import { imageDataOf } from './pixels.ts';

interface PixelCanvasProps {
  readonly pixels: Pixels;
  readonly alt: string;
}

export function PixelCanvas({ pixels, alt }: PixelCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    canvas.current!.getContext('2d')!.putImageData(imageDataOf(pixels), 0, 0);
  }, [pixels]);
  return <canvas ref={canvas} role="img" aria-label={alt} width={pixels.width} height={pixels.height} />;
}
