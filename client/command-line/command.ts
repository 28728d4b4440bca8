/** What a command of the command line is made of. */
import type { Darkroom } from '../sdk/index.ts';
import type { everywhere } from './command-options.ts';
import type { Screen } from './terminal/screen.ts';

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** What stands for the value in the help, such as `FILE`. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** What was given of the options. */
export type Values<O extends Options> = {
  readonly [K in keyof O]?: O[K]['type'] extends 'boolean'
    ? boolean
    : O[K] extends { readonly multiple: true }
      ? readonly string[]
      : string;
};

/** What a command has to work with. */
export interface Call<O extends Options = Options> {
  readonly values: Values<O & typeof everywhere>;
  /** What was given beside the options: as many as `places` says. */
  readonly words: readonly string[];
  /**
   * Reaches the server, and starts one where there is none.
   * @param lasting whether what is asked of it goes on when the command has ended
   * @throws NoServerError, UsageError
   */
  darkroom(lasting?: boolean): Promise<Darkroom>;
  readonly screen: Screen;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What a command has found: for people, and for programs. */
export interface Answer {
  /** Lines for standard output; or the bytes of a file. */
  readonly text: string | Uint8Array;
  /** What `--json` prints. */
  readonly json: unknown;
  /** Default: 0. */
  readonly exitCode?: number;
}

export interface CommandOf<O extends Options> {
  readonly name: string;
  /** What must be given beside the options, such as `PROMPT`; one in brackets need not be; `…` takes several. */
  readonly places: readonly string[];
  /** One line. */
  readonly summary: string;
  /** More, for its own help. */
  readonly about?: string;
  readonly example: string;
  readonly options: O;
  run(call: Call<O>): Promise<Answer>;
}

/** A command, whatever its options are. */
export type Command = CommandOf<Options>;

/** Checks a command's options against what its `run` reads. */
export function command<const O extends Options>(definition: CommandOf<O>): Command {
  return definition as unknown as Command;
}
