import type { ContactSheetRequest, ContactSheetService, ContactSheetState } from '../contact-sheet-service.ts';
import { type GenerationService, type GenerationState, RetryLater } from '../context.ts';
import { hasEnded } from '../generation-status.ts';

/** Contact sheets in memory, of the generations in memory: tests end those, and with them the sheets. */
export class MemoryContactSheets implements ContactSheetService {
  readonly requests: ContactSheetRequest[] = [];
  /** Whether there is no room for another. */
  isFull = false;
  readonly #sheets = new Map<string, { readonly columns: number; readonly cells: readonly string[] }>();
  readonly #generations: GenerationService;
  readonly #asked: string[];

  constructor(generations: GenerationService, asked: string[]) {
    this.#generations = generations;
    this.#asked = asked;
  }

  async create(request: ContactSheetRequest): Promise<ContactSheetState> {
    this.#asked.push('create sheet');
    if (this.isFull) throw new RetryLater('QUEUE_FULL', 'there is no room', 1_000);
    this.requests.push(request);
    const cells: string[] = [];
    for (const cell of request.cells) cells.push((await this.#generations.create(cell)).state.id);
    const id = `s${this.#sheets.size + 1}`;
    this.#sheets.set(id, { columns: request.x.labels.length, cells });
    return (await this.find(id))!;
  }

  async find(id: string): Promise<ContactSheetState | null> {
    const sheet = this.#sheets.get(id);
    if (!sheet) return null;
    const found = await this.#generations.findMany(sheet.cells);
    const cells = sheet.cells.map(cell => found.get(cell)!);
    const isOver = cells.every(({ status }) => hasEnded(status));
    const failed = cells.find(({ status }) => status === 'FAILED');
    const image = { id: `sheet-${id}`, generationId: null, width: 640, height: 480, seed: null, latentKey: null };
    return {
      id,
      status: isOver ? (failed ?? cells[0]!).status : 'QUEUED',
      step: cells.reduce((sum, { step }) => sum + step, 0),
      steps: cells.reduce((sum, { steps }) => sum + steps, 0),
      queuePosition: 2,
      etaMs: 1_234.5,
      image: isOver ? image : null,
      cells: rowsOf(cells, sheet.columns),
      failure: failed?.failure ?? null,
      createdAt: '2026-11-22T18:00:00.000Z',
      finishedAt: isOver ? '2026-11-22T18:01:00.000Z' : null,
    };
  }

  async cancel(id: string): Promise<ContactSheetState | null> {
    this.#asked.push(`cancel sheet ${id}`);
    for (const cell of this.#sheets.get(id)?.cells ?? []) await this.#generations.cancel(cell);
    return this.find(id);
  }

  async delete(id: string): Promise<boolean> {
    this.#asked.push(`delete sheet ${id}`);
    for (const cell of this.#sheets.get(id)?.cells ?? []) await this.#generations.delete(cell);
    return this.#sheets.delete(id);
  }

  async wait(id: string, milliseconds: number): Promise<ContactSheetState | null> {
    this.#asked.push(`wait for sheet ${milliseconds}`);
    return this.find(id);
  }
}

function rowsOf(cells: readonly GenerationState[], columns: number): GenerationState[][] {
  return Array.from({ length: cells.length / columns }, (_, row) => cells.slice(row * columns, (row + 1) * columns));
}
