/** What was typed cannot be meant: told together with where the help is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** No Darkroom answers, and none could be started. */
export class NoServerError extends Error {
  override readonly name = 'NoServerError';
}

/** A file that cannot be read or written. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

/** Ctrl-C: the reason of the signal that commands are given. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  constructor() {
    super('Interrupted');
  }
}
