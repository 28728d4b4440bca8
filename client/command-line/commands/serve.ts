import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { command } from '../command.ts';
import { program, root, startEnvironment } from '../server/program.ts';

export const serve = command({
  name: 'serve',
  places: [],
  summary: 'runs a Darkroom until Ctrl-C, as npm start does',
  about: 'Everything else is configured by the environment: npm start -- --help lists it.',
  example: 'darkroom serve --port 8080 --checkpoints ~/models/my-checkpoint',
  options: {
    port: { type: 'string', value: 'N', help: 'where it listens; 0 takes a free one (8787)' },
    host: { type: 'string', value: 'NAME', help: 'on which address (127.0.0.1)' },
    home: { type: 'string', value: 'FOLDER', help: "state, logs and secrets (.darkroom in the project's folder)" },
    checkpoints: { type: 'string', value: 'FOLDER,…', help: 'the default one first (models/shipped)' },
  },
  async run({ values, signal }) {
    const env = {
      ...process.env,
      ...(values.port && { PORT: values.port }),
      ...(values.host && { HOST: values.host }),
      ...(values.home && { DARKROOM_HOME: values.home }),
      ...(values.checkpoints && { CHECKPOINTS: values.checkpoints }),
    };
    const child = spawn(program[0], [program[1]], {
      cwd: root,
      // What it says goes beside the one document, where there is to be one.
      stdio: ['inherit', values.json ? 2 : 'inherit', 'inherit'],
      env: startEnvironment(env) as NodeJS.ProcessEnv,
    });
    // A terminal's Ctrl-C reaches it by itself; asked twice it stops once.
    signal.addEventListener('abort', () => child.kill('SIGTERM'));
    const [code] = (await once(child, 'exit')) as [number | null];
    return { text: '', json: { exitCode: code }, exitCode: code ?? 1 };
  },
});
