/** Files that nothing refers to: what a crash has left between a file and its row, which is always written last. */

/** Whose rows a folder's files belong to, and how a file's name says to which. */
interface Folder {
  readonly prefix: string;
  readonly table: 'latents' | 'encodings' | 'uses';
  readonly column: 'key' | 'latent_blob' | 'pixels_blob' | 'blob' | 'start_blob';
  readonly id: (name: string) => string;
}

const byName = (name: string) => name;
const byKey = (name: string) => /[0-9a-f]{64}/.exec(name)?.[0] ?? '';

const folders: readonly Folder[] = [
  { prefix: 'latents/', table: 'latents', column: 'latent_blob', id: byName },
  { prefix: 'pixels/', table: 'latents', column: 'pixels_blob', id: byName },
  { prefix: 'images/', table: 'latents', column: 'key', id: byKey },
  { prefix: 'vectors/latents/', table: 'latents', column: 'key', id: byKey },
  { prefix: 'encodings/', table: 'encodings', column: 'blob', id: byName },
  { prefix: 'starts/', table: 'uses', column: 'start_blob', id: byName },
];

export interface Swept {
  readonly orphans: number;
  /** Of what is left. */
  readonly bytes: number;
}

/**
 * Deletes every file that nothing refers to.
 * @param before only files that were written before: younger ones may be of somebody who has yet to write the row. Writing
 * a file that is there already makes it young again
 */
export async function sweep(bucket: R2Bucket, db: D1Database, before: Date): Promise<Swept> {
  let orphans = 0;
  let bytes = 0;
  for (const folder of folders) {
    for await (const page of pagesOf(bucket, folder.prefix)) {
      const referred = await referredTo(db, folder, page);
      const gone = page.filter(file => file.uploaded < before && !referred.has(folder.id(file.key)));
      if (gone.length > 0) await bucket.delete(gone.map(({ key }) => key));
      orphans += gone.length;
      bytes += sizeOf(page) - sizeOf(gone);
    }
  }
  return { orphans, bytes };
}

async function referredTo(db: D1Database, { table, column, id }: Folder, files: readonly File[]): Promise<Set<string>> {
  const { results } = await db
    .prepare(`SELECT ${column} AS id FROM ${table} WHERE ${column} IN (SELECT value FROM json_each(?))`)
    .bind(JSON.stringify(files.map(({ key }) => id(key))))
    .all<{ id: string }>();
  return new Set(results.map(row => row.id));
}

interface File {
  readonly key: string;
  readonly size: number;
  readonly uploaded: Date;
}

async function* pagesOf(bucket: R2Bucket, prefix: string): AsyncGenerator<readonly File[]> {
  for (let cursor: string | undefined; ; ) {
    const page = await bucket.list({ prefix, ...(cursor && { cursor }) });
    if (page.objects.length > 0) yield page.objects;
    if (!page.truncated) return;
    cursor = page.cursor;
  }
}

function sizeOf(files: readonly File[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
