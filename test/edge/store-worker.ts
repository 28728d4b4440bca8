/** A worker that sends back what it is sent, and stores it on the way. */
import { sendAndStore } from '../../worker/checkpoints/send-and-store.ts';

export default {
  async fetch(request: Request, { BLOBS }: { readonly BLOBS: R2Bucket }): Promise<Response> {
    const url = new URL(request.url);
    if (request.method === 'GET') {
      const blob = await BLOBS.get('file');
      return new Response(blob ? await blob.arrayBuffer() : null, { status: blob ? 200 : 404 });
    }
    if (request.method === 'DELETE') {
      await BLOBS.delete('file');
      return new Response(null);
    }
    const bytes = Number(url.searchParams.get('bytes'));
    const sha256 = url.searchParams.get('sha256') ?? '';
    return new Response(sendAndStore(request.body!, bytes, stream => BLOBS.put('file', stream, { sha256 })));
  },
};
