/** A file that is not a `.dklat`, or a damaged, truncated or oversized one. The message says what was expected. */
export class DklatError extends Error {
  override readonly name = 'DklatError';
}
