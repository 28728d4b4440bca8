/**
 * Runs the training program in its Python environment:
 *
 *     npm run train -- --help
 *     npm run test:training
 */
import { runPython, withPython } from './python-environment.ts';

const [command, ...more] = process.argv.slice(2);
const args =
  command === 'test'
    ? ['-m', 'unittest', 'discover', '--start-directory', 'models/training', ...more]
    : ['models/training', ...process.argv.slice(2)];

await withPython(python => runPython(python, args));
