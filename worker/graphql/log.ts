/** A fault that the caller is told nothing about but at most its id. Holds no prompt and no variable of the query. */
export interface FaultReport {
  /** What the caller was given as `extensions.errorId`, unless the fault was none of the caller's business. */
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

/** @returns the id that it is logged with */
export function logFault(logger: FaultLogger, fault: unknown, path: string | null): string {
  const errorId = crypto.randomUUID();
  const known = fault instanceof Error ? fault : null;
  logger.fault({
    errorId,
    path,
    name: known?.name ?? typeof fault,
    message: known?.message ?? String(fault),
    stack: known?.stack ?? null,
  });
  return errorId;
}
