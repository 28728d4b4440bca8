/** Answers `GET /?prompt=a+cat` with a picture. */
import { Darkroom, type DarkroomError } from 'darkroom-client';

interface Env {
  readonly DARKROOM_URL: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const prompt = new URL(request.url).searchParams.get('prompt');
    if (!prompt) return new Response('Ask with ?prompt=a+cat\n', { status: 400 });
    const darkroom = new Darkroom({ url: env.DARKROOM_URL, patienceMs: 10_000 });
    // With a seed the same prompt is the same picture: the server makes it once, and caches may keep it.
    const result = await darkroom.generate({ prompt, seed: 7 }).result();
    if (!result.ok) return refusal(result.error);
    const picture = await darkroom.download(result.value.images[0]!.webpUrl);
    return new Response(picture, {
      headers: { 'Content-Type': 'image/webp', 'Cache-Control': 'public, max-age=86400' },
    });
  },
};

function refusal(error: DarkroomError): Response {
  switch (error.kind) {
    case 'prompt':
    case 'input':
      return Response.json({ message: error.message }, { status: 422 });
    case 'retry-later': {
      const seconds = Math.ceil(error.retryAfterMs / 1000);
      return Response.json({ message: error.message }, { status: 503, headers: { 'Retry-After': String(seconds) } });
    }
    default:
      return Response.json({ message: error.message }, { status: 502 });
  }
}
