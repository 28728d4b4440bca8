/** Contact sheets as rows of D1. How far they are is for their generations' rows to say; a row knows the end alone. */
import type { SheetAxis } from '../../schema/contact-sheet-service.ts';
import type { Failure, GenerationStatus } from '../../schema/context.ts';
import { type IdempotencyKey, useKey } from '../generations/idempotency.ts';

export interface SheetAxes {
  readonly x: SheetAxis;
  readonly y: SheetAxis | null;
}

export interface NewSheet {
  readonly id: string;
  readonly createdAt: string;
  readonly axes: SheetAxes;
  /** Ids of its generations, row by row. */
  readonly cells: readonly string[];
}

export interface SheetEnd {
  readonly status: GenerationStatus;
  readonly failure: Failure | null;
  readonly finishedAt: string;
  readonly picture: SheetPicture | null;
}

export interface SheetPicture {
  /** What the names of its files begin with. */
  readonly blob: string;
  readonly width: number;
  readonly height: number;
}

export interface SheetRow extends NewSheet {
  /** Null while it goes on. */
  readonly end: SheetEnd | null;
}

/** GONE: a generation of it is not there. USED: its idempotency key belongs to another. */
export type SheetAdmitted = 'ADMITTED' | 'GONE' | 'USED';

export class ContactSheetRows {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  async admit({ id, createdAt, axes, cells }: NewSheet, idempotency: IdempotencyKey | null): Promise<SheetAdmitted> {
    const list = JSON.stringify(cells);
    const insert = this.#db
      .prepare(
        `INSERT INTO contact_sheets (id, created_at, axes) SELECT ?, ?, ?
         WHERE (SELECT COUNT(*) FROM generations WHERE id IN (SELECT value FROM json_each(?))) = ?`,
      )
      .bind(id, createdAt, JSON.stringify(axes), list, cells.length);
    const insertCells = this.#db
      .prepare(
        `INSERT INTO contact_sheet_cells (generation_id, sheet_id, place)
         SELECT value, ?, key FROM json_each(?) WHERE EXISTS (SELECT 1 FROM contact_sheets WHERE id = ?)`,
      )
      .bind(id, list, id);
    const use = idempotency ? useKey(this.#db, idempotency, { id, createdAt }, 'contact_sheets') : [];
    try {
      const [inserted] = await this.#db.batch([insert, insertCells, ...use]);
      return inserted!.meta.changes > 0 ? 'ADMITTED' : 'GONE';
    } catch (error) {
      // All of it or nothing: of two that come with one key together, one is admitted.
      if (idempotency && /UNIQUE constraint failed: idempotency_keys/.test(String(error))) return 'USED';
      throw error;
    }
  }

  async find(id: string): Promise<SheetRow | null> {
    const select = this.#db.prepare('SELECT created_at, axes, end FROM contact_sheets WHERE id = ?').bind(id);
    const selectCells = this.#db
      .prepare('SELECT generation_id FROM contact_sheet_cells WHERE sheet_id = ? ORDER BY place')
      .bind(id);
    const [found, cells] = await this.#db.batch<StoredSheet & StoredCell>([select, selectCells]);
    const row = found!.results[0];
    if (!row) return null;
    return {
      id,
      createdAt: row.created_at,
      axes: JSON.parse(row.axes) as SheetAxes,
      cells: cells!.results.map(cell => cell.generation_id),
      end: row.end === null ? null : (JSON.parse(row.end) as SheetEnd),
    };
  }

  /** Where the key was used for this sheet, it can be used again. */
  async releaseKey(id: string, { caller, key }: Pick<IdempotencyKey, 'caller' | 'key'>): Promise<void> {
    await this.#db
      .prepare('DELETE FROM idempotency_keys WHERE caller = ? AND key = ? AND generation_id = ?')
      .bind(caller, key, id)
      .run();
  }

  /** The first end stays. @returns whether it is this one */
  async finish(id: string, end: SheetEnd): Promise<boolean> {
    const { meta } = await this.#db
      .prepare('UPDATE contact_sheets SET end = ?, picture_blob = ? WHERE id = ? AND end IS NULL')
      .bind(JSON.stringify(end), end.picture?.blob ?? '', id)
      .run();
    return meta.changes > 0;
  }
}

interface StoredSheet {
  readonly created_at: string;
  readonly axes: string;
  readonly end: string | null;
}

interface StoredCell {
  readonly generation_id: string;
}
