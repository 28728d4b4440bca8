/** What a command shows while it works, on standard error: nothing of it ever gets into what it prints. */
import type { WriteStream } from 'node:tty';
import { cellsFor, drawing, type PictureProtocol } from './pictures.ts';
import { printable } from './printable.ts';

export interface ScreenOptions {
  readonly stream: Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;
  readonly quiet: boolean;
  /** How pictures are shown; null: not at all. */
  readonly pictures: PictureProtocol;
}

/** A preview is no larger than this, in cells. */
const largest = { columns: 40, rows: 20 };

/**
 * On a terminal, a line that is drawn over itself, with a picture above it that is drawn over itself, too. Elsewhere only
 * remarks.
 */
export class Screen {
  readonly #stream: ScreenOptions['stream'];
  readonly #quiet: boolean;
  readonly #pictures: PictureProtocol;
  readonly #terminal: boolean;
  /** The rows that the picture above the line has. */
  #rows = 0;
  #line = '';

  constructor({ stream, quiet, pictures }: ScreenOptions) {
    this.#stream = stream;
    this.#quiet = quiet;
    this.#terminal = stream.isTTY === true && !quiet;
    this.#pictures = this.#terminal ? pictures : null;
  }

  /** Whether a picture would be seen. */
  get showsPictures(): boolean {
    return this.#pictures !== null;
  }

  /** A remark, which stays. */
  note(text: string): void {
    if (this.#quiet) return;
    const line = printable(text);
    this.#stream.write(this.#terminal ? `\r\x1b[K${line}\n${this.#line}` : `${line}\n`);
    this.#rows = 0;
  }

  /** How far the work is; takes the last one's place. */
  line(text: string): void {
    const line = printable(text).slice(0, (this.#stream.columns || 80) - 1);
    if (!this.#terminal || line === this.#line) return;
    this.#line = line;
    this.#stream.write(`\r\x1b[K${this.#line}`);
  }

  /** A picture above the line; takes the last one's place. */
  picture(png: Uint8Array): void {
    if (!this.#pictures) return;
    const { columns = 80, rows = 24 } = this.#stream;
    const room = { columns: Math.min(largest.columns, columns - 1), rows: Math.min(largest.rows, rows - 2) };
    const cells = cellsFor(png, room);
    const before = this.#rows === cells.rows ? '' : `\r\x1b[K${'\n'.repeat(cells.rows)}`;
    this.#rows = cells.rows;
    this.#stream.write(`${before}\r\x1b[${cells.rows}A${drawing(this.#pictures, png, cells)}\x1b[K${this.#line}`);
  }

  /** Takes the line away; the picture stays. */
  end(): void {
    if (this.#line !== '') this.#stream.write('\r\x1b[K');
    this.#line = '';
    this.#rows = 0;
  }
}
