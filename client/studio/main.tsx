/** The studio: one page for everything that people do with Darkroom. */
import { render } from 'preact';
import { App } from './app.tsx';

render(<App />, document.getElementById('studio')!);
