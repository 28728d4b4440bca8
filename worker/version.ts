/** Darkroom's version, from the one place where it is kept. */
import manifest from '../package.json' with { type: 'json' };

export const version: string = manifest.version;
