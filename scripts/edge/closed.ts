import { Log, LogLevel } from 'miniflare';

/** Miniflare's own entrance answers more than a worker does: it stays closed, the worker has a socket of its own. */
export const closed = {
  host: '127.0.0.1',
  port: 0,
  cf: false,
  telemetry: { enabled: false },
  enableDevRegistry: false,
  unsafeLocalExplorer: false,
  unsafeTriggerHandlers: false,
  logRequests: false,
  log: new Log(LogLevel.NONE),
} as const;
