/** Files that nothing refers to: what a crash has left between a file and its row, which is always written last. */

/** Whose rows a folder's files belong to, and how a file's name says to which. */
interface Folder {
  readonly prefix: string;
  readonly refersTo: {
    readonly table: 'latents' | 'encodings' | 'sources' | 'uses' | 'contact_sheets' | 'checkpoints';
    readonly column:
      | 'key'
      | 'latent_blob'
      | 'pixels_blob'
      | 'vectors_blob'
      | 'blob'
      | 'start_blob'
      | 'picture_blob'
      | 'digest';
    readonly id: (name: string) => string;
    /** Which rows count, where not all do. */
    readonly where?: string;
  } | null;
  /** How long files stay that no row refers to. Absent: until the next sweep. */
  readonly keptMs?: number;
  /** Whether they are counted in what is stored: not those that no room is made of. */
  readonly isCounted?: false;
}

const byName = (name: string) => name;
const byBeginning = (name: string) => name.slice(0, name.lastIndexOf('.'));
const byKey = (name: string) => /[0-9a-f]{64}/.exec(name)?.[0] ?? '';

const dayMs = 24 * 60 * 60_000;

const folders: readonly Folder[] = [
  { prefix: 'latents/', refersTo: { table: 'latents', column: 'latent_blob', id: byName } },
  { prefix: 'pixels/', refersTo: { table: 'latents', column: 'pixels_blob', id: byName } },
  { prefix: 'images/', refersTo: { table: 'latents', column: 'key', id: byKey } },
  { prefix: 'vectors/latents/', refersTo: { table: 'latents', column: 'vectors_blob', id: byName } },
  // Texts' vectors were here before they were encodings like others.
  { prefix: 'vectors/texts/', refersTo: null },
  { prefix: 'encodings/', refersTo: { table: 'encodings', column: 'blob', id: byName } },
  { prefix: 'steps/', refersTo: { table: 'sources', column: 'blob', id: byName } },
  { prefix: 'compressed/', refersTo: { table: 'latents', column: 'key', id: byKey } },
  // Kept for a day: whoever asked has them by then.
  { prefix: 'embeddings/', refersTo: null, keptMs: dayMs, isCounted: false },
  { prefix: 'starts/', refersTo: { table: 'uses', column: 'start_blob', id: byName } },
  { prefix: 'sheets/', refersTo: { table: 'contact_sheets', column: 'picture_blob', id: byBeginning } },
  // What browsers run a checkpoint with: sent by a backend again where one has it, and of no use to others.
  {
    prefix: 'checkpoints/',
    refersTo: {
      table: 'checkpoints',
      column: 'digest',
      id: byKey,
      where: `position IS NOT NULL OR seen_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-7 days')`,
    },
    isCounted: false,
  },
];

/** How far a sweep has come. */
export interface SweepPlace {
  readonly folder: number;
  /** Null at a folder's beginning. */
  readonly cursor: string | null;
}

export interface Swept {
  readonly orphans: number;
  /** Of what is left. */
  readonly bytes: number;
  /** Where to go on; null at the end. */
  readonly next: SweepPlace | null;
}

/**
 * Deletes files that nothing refers to.
 * @param before only files that were written before: younger ones may be of somebody who has yet to write the row. Writing
 * a file that is there already makes it young again
 * @param most how many pages of a bucket's list to look at; a page has up to 1,000 files
 */
export async function sweep(
  bucket: R2Bucket,
  db: D1Database,
  before: Date,
  from: SweepPlace = { folder: 0, cursor: null },
  most = Number.POSITIVE_INFINITY,
): Promise<Swept> {
  let [orphans, bytes] = [0, 0];
  let place: SweepPlace | null = from;
  for (let pages = 0; place !== null && pages < most; pages++) {
    const folder: Folder = folders[place.folder]!;
    const list = await bucket.list({ prefix: folder.prefix, ...(place.cursor !== null && { cursor: place.cursor }) });
    const page = list.objects;
    const referred = await referredTo(db, folder, page);
    const until = new Date(before.getTime() - (folder.keptMs ?? 0));
    const gone = page.filter(file => file.uploaded < until && !referred.has(folder.refersTo?.id(file.key) ?? ''));
    if (gone.length > 0) await bucket.delete(gone.map(({ key }) => key));
    orphans += gone.length;
    // What goes by itself, and cannot go sooner, is no reason to make room.
    if (folder.isCounted !== false) bytes += sizeOf(page) - sizeOf(gone);
    place = list.truncated ? { ...place, cursor: list.cursor ?? null } : after(place);
  }
  return { orphans, bytes, next: place };
}

function after({ folder }: SweepPlace): SweepPlace | null {
  return folder + 1 < folders.length ? { folder: folder + 1, cursor: null } : null;
}

async function referredTo(db: D1Database, { refersTo }: Folder, files: readonly File[]): Promise<Set<string>> {
  if (refersTo === null || files.length === 0) return new Set();
  const { table, column, id, where = 'TRUE' } = refersTo;
  const { results } = await db
    .prepare(`SELECT ${column} AS id FROM ${table} WHERE ${column} IN (SELECT value FROM json_each(?)) AND (${where})`)
    .bind(JSON.stringify(files.map(({ key }) => id(key))))
    .all<{ id: string }>();
  return new Set(results.map(row => row.id));
}

interface File {
  readonly key: string;
  readonly size: number;
  readonly uploaded: Date;
}

function sizeOf(files: readonly File[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
