/** Darkroom's version, from the one place where it is kept. */
export { version } from '../package.json';
