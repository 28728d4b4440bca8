/** A Darkroom to talk to. */
export interface Server {
  readonly url: string;
  /** Ends it where it was started for this command alone. */
  close(): Promise<void>;
}

/** One that others have started, and will stop. */
export function borrowed(url: string): Server {
  return { url, close: async () => {} };
}
