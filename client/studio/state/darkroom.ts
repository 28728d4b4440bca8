/** The studio's only way to the server. */
import { Darkroom } from '../../sdk/index.ts';
import { watchedFetch } from './connection.ts';

export const darkroom = new Darkroom({ fetch: watchedFetch });
