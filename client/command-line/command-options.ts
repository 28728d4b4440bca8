/** Options that every command has. */
import type { Options } from './command.ts';

export const everywhere = {
  url: { type: 'string', value: 'URL', help: 'where Darkroom answers; default: DARKROOM_URL, or one on this machine' },
  json: { type: 'boolean', help: 'print one JSON document, of errors too' },
  quiet: { type: 'boolean', short: 'q', help: 'neither progress nor remarks' },
  'no-preview': { type: 'boolean', help: 'no pictures in the terminal' },
  'keep-running': { type: 'boolean', help: 'leave a server that had to be started running' },
  help: { type: 'boolean', short: 'h', help: 'this text' },
} as const satisfies Options;
