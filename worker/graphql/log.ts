/** A fault that the caller is told nothing about but its id. Holds no prompt and no variable of the query. */
export interface FaultReport {
  /** What the caller was given as `extensions.errorId`. */
  readonly errorId: string;
  /** The field where it happened, e.g. `generations.edges.0`; null outside of execution. */
  readonly path: string | null;
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
}

export interface FaultLogger {
  fault(report: FaultReport): void;
}
