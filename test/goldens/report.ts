import { UnsupportedError } from '../../models/unsupported.ts';

/** A number that was compared. It passes if `error` is at most `tolerance`: NaN never does. */
export interface Comparison {
  readonly kind: string;
  readonly name: string;
  readonly error: number;
  readonly tolerance: number;
}

/** What could not be compared, although there is data for it. */
export interface Failure {
  readonly kind: string;
  readonly name: string;
  readonly message: string;
}

/** What was left out because Darkroom does not compute it yet. */
export interface Skip {
  /** What is not supported, e.g. `scheduler HeunDiscreteScheduler`. */
  readonly what: string;
  readonly kind: string;
  readonly name: string;
}

/** Everything that a run over a folder of goldens found out. */
export class Report {
  readonly comparisons: Comparison[] = [];
  readonly failures: Failure[] = [];
  readonly skips: Skip[] = [];

  /** @param kind a row of the table @param name where: the file's and the case's names */
  compare(kind: string, name: string, error: number, tolerance: number): void {
    this.comparisons.push({ kind, name, error, tolerance });
  }

  /** Passes if both are the same. */
  same(kind: string, name: string, actual: readonly unknown[], expected: readonly unknown[]): void {
    const { length } = expected;
    if (actual.length !== length) this.fail(kind, name, `${actual.length} values, expected ${length}`);
    else this.compare(kind, name, expected.filter((value, i) => value !== actual[i]).length, 0);
  }

  fail(kind: string, name: string, message: string): void {
    this.failures.push({ kind, name, message });
  }

  skip(what: string, kind: string, name: string): void {
    this.skips.push({ what, kind, name });
  }

  /** Does the work. What it throws is a failure of the report, or a skip when it is that something is unsupported. */
  async attempt(kind: string, name: string, work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof UnsupportedError) this.skip(error.what, kind, name);
      else this.fail(kind, name, error instanceof Error ? error.message : String(error));
    }
  }

  get counts(): { readonly passed: number; readonly failed: number; readonly skipped: number } {
    const passed = this.comparisons.filter(passes).length;
    const failed = this.comparisons.length - passed + this.failures.length;
    return { passed, failed, skipped: this.skips.length };
  }
}

export function passes({ error, tolerance }: Comparison): boolean {
  return error <= tolerance;
}
