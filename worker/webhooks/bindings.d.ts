interface Env {
  /** The public internet; absent in production, where `fetch` reaches nothing else. */
  readonly WEBHOOKS?: Fetcher;
}
