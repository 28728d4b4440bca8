/**
 * Runs the training program in its Python environment:
 *
 *     npm run train -- --help
 *     npm run test:training
 */
import { pythonEnvironment, runPython, systemPython, withPython } from './python-environment.ts';

const [command, ...more] = process.argv.slice(2);
const args =
  command === 'test'
    ? ['-m', 'unittest', 'discover', '--start-directory', 'models/training', ...more]
    : ['models/training', ...process.argv.slice(2)];

// Whoever asks what there is does not wait for 5 GB to be installed, nor does who forgot to say what to train.
const asks = command === undefined || process.argv.slice(2).some(argument => ['--help', '-h'].includes(argument));

await withPython(python => runPython(python, args), asks ? systemPython : pythonEnvironment);
