/** Files that never change under their address. */

export interface ImmutableFile {
  readonly type: string;
  /** Identifies the bytes: equal tags, equal bytes. */
  readonly tag: string;
  readonly fileName: string;
  /** Read only when the caller does not have it yet. */
  readonly read: () => Promise<Uint8Array<ArrayBuffer>>;
}

/** One that is never in memory as a whole. */
export interface StreamedFile extends Omit<ImmutableFile, 'read'> {
  readonly bytes: number;
  readonly read: () => Promise<ReadableStream<Uint8Array>>;
}

/** 304 to who has it, headers alone to HEAD, else the file. */
export async function fileResponse(request: Request, file: ImmutableFile | StreamedFile): Promise<Response> {
  const headers = new Headers({
    'Content-Type': file.type,
    ETag: `"${file.tag}"`,
    'Cache-Control': 'private, max-age=31536000, immutable',
    'Content-Disposition': `inline; filename="${file.fileName}"`,
    // The token is the permission; a picture may be shown in any page that was given its address.
    'Cross-Origin-Resource-Policy': 'cross-origin',
  });
  if (hasIt(request.headers.get('if-none-match'), file.tag)) return new Response(null, { status: 304, headers });
  const isHead = request.method === 'HEAD';
  if ('bytes' in file) {
    headers.set('Content-Length', String(file.bytes));
    return new Response(isHead ? null : await file.read(), { headers });
  }
  const bytes = await file.read();
  headers.set('Content-Length', String(bytes.byteLength));
  return new Response(isHead ? null : bytes, { headers });
}

/** `If-None-Match` compares weakly: a proxy may have marked our strong tag as weak. */
export function hasIt(ifNoneMatch: string | null, tag: string): boolean {
  if (ifNoneMatch === null) return false;
  const known = ifNoneMatch.split(',').map(item => item.trim().replace(/^W\//, ''));
  return known.includes('*') || known.includes(`"${tag}"`);
}
