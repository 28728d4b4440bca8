/** How much of what is needed was fetched. */
export interface FetchProgress {
  /** Bytes so far, those that were kept from before included. */
  readonly fetched: number;
  /** Of all files; 0 where nobody has said how large they are. */
  readonly total: number;
}

export type OnProgress = (progress: FetchProgress) => void;
