/** One JSON object per line. Never a prompt: what is in a plan stays out of the log. */
export type Log = (
  level: 'info' | 'warn' | 'error',
  event: string,
  details?: Readonly<Record<string, unknown>>,
) => void;

/** @param write takes whole lines */
export function createLog(write: (line: string) => void): Log {
  return (level, event, details = {}) => {
    write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...details })}\n`);
  };
}
