import type {
  Failure,
  GenerationRequest,
  GenerationState,
  GenerationStatus,
  Idempotency,
  ImageState,
} from './context.ts';

/** Grids of generations, each of which is a generation like any other. */
export interface ContactSheetService {
  /**
   * All of its generations are accepted, or none is.
   * @throws as `GenerationService.create`
   */
  create(request: ContactSheetRequest): Promise<ContactSheetState>;
  /** Null for one that was deleted, or of which a generation was. */
  find(id: string): Promise<ContactSheetState | null>;
  /** Stops its generations; one that has ended is left as it is. @returns its state, null where there is none */
  cancel(id: string): Promise<ContactSheetState | null>;
  /** Removes it with its generations. @returns whether there was one */
  delete(id: string): Promise<boolean>;
  /** Answers when it ends or after `milliseconds`, with its newest state. */
  wait(id: string, milliseconds: number): Promise<ContactSheetState | null>;
}

export type AxisParameter = 'STEPS' | 'GUIDANCE_SCALE' | 'SCHEDULER' | 'SEED' | 'PROMPT' | 'STRENGTH';

export interface SheetAxis {
  readonly parameter: AxisParameter;
  /** Of its values, in order, as they are written beside the picture's rows or columns. */
  readonly labels: readonly string[];
}

export interface ContactSheetRequest {
  readonly x: SheetAxis;
  /** Null: there is one row. */
  readonly y: SheetAxis | null;
  /** Row by row. */
  readonly cells: readonly GenerationRequest[];
  readonly idempotency: Idempotency | null;
}

export interface ContactSheetState {
  readonly id: string;
  readonly status: GenerationStatus;
  /** Denoising steps over all generations. */
  readonly step: number;
  readonly steps: number;
  /** Of the generation that is next; null where none waits, or that is not known. */
  readonly queuePosition: number | null;
  /** Milliseconds until the end of the last, as far as that can be told. */
  readonly etaMs: number | null;
  /** Null until there is one, and where no generation has a picture. */
  readonly image: ImageState | null;
  /** Rows of the same length. */
  readonly cells: readonly (readonly GenerationState[])[];
  readonly failure: Failure | null;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly finishedAt: string | null;
}
