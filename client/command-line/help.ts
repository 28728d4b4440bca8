/** The texts of `darkroom help` and `darkroom COMMAND --help`. */
import type { Command, Options } from './command.ts';
import { everywhere } from './command-options.ts';

const exitCodes = `Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no server or not now, 4 refused (prompt, input, nothing there),
130 interrupted.`;

export function overview(commands: readonly Command[]): string {
  return `darkroom COMMAND …   makes pictures, and what else Darkroom does

${columns(commands.map(({ name, summary }) => [name, summary]))}

darkroom COMMAND --help tells more of each; darkroom --version says which Darkroom this is. Every command has

${optionLines(everywhere)}

Where no address is given and no Darkroom answers at http://127.0.0.1:8787, one is started for the command on a free
port and stopped after it, with the state of npm start: .darkroom in the project's folder. With DARKROOM_HOME it is the
one that works in that folder, whoever answers elsewhere.

${exitCodes}`;
}

export function helpOf({ name, places, summary, about, options, example }: Command): string {
  const usage = ['darkroom', name, ...places, '[OPTION …]'].join(' ');
  const own = Object.keys(options).length > 0 ? `${optionLines(options)}\n\n` : '';
  return `${usage}   ${summary}
${about ? `\n${about}\n` : ''}
${own}Everywhere:

${optionLines(everywhere)}

For example:

${example.replaceAll(/^/gm, '  ')}

${exitCodes}`;
}

function optionLines(options: Options): string {
  return columns(
    Object.entries(options).map(([name, { short, value, multiple, help }]) => [
      `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}${multiple ? ' …' : ''}`,
      help,
    ]),
  );
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`).join('\n');
}
