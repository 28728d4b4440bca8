/** Unpacks WOFF files. Source: WOFF File Format 1.0 (W3C Recommendation, 2012), sections 4 and 5. */
import { unzlibSync } from 'fflate';

/** A font's tables by their four letters. */
export type FontTables = ReadonlyMap<string, DataView>;

const signature = 0x774f4646; // "wOFF"
const headerBytes = 44;
const entryBytes = 20;

/** @throws RangeError for what is not a WOFF file */
export function readWoff(file: ArrayBuffer): FontTables {
  const view = new DataView(file);
  if (file.byteLength < headerBytes || view.getUint32(0) !== signature) throw new RangeError('not a WOFF file');
  const tables = new Map<string, DataView>();
  const count = view.getUint16(12);
  for (let i = 0; i < count; i++) {
    const entry = headerBytes + i * entryBytes;
    const name = String.fromCharCode(...new Uint8Array(file, entry, 4));
    const [offset, packed, length] = [4, 8, 12].map(at => view.getUint32(entry + at)) as [number, number, number];
    const bytes = new Uint8Array(file, offset, packed);
    // What would not have become smaller is stored as it is.
    const table = packed < length ? unzlibSync(bytes, { out: new Uint8Array(length) }) : bytes;
    tables.set(name, new DataView(table.buffer, table.byteOffset, table.byteLength));
  }
  return tables;
}

/** @throws RangeError where the font has no such table */
export function tableOf(tables: FontTables, name: string): DataView {
  const table = tables.get(name);
  if (!table) throw new RangeError(`the font has no table ${name}`);
  return table;
}
