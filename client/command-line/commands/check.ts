import { command } from '../command.ts';
import { facts } from '../table.ts';
import { warnings } from '../warnings.ts';

export const check = command({
  name: 'check',
  places: ['PROMPT'],
  summary: 'says what the model would make of a prompt',
  about: 'Exit code 4 for a prompt that would be refused.',
  example: 'darkroom check "a zeppelin on a red background"',
  options: {
    negative: { type: 'string', value: 'TEXT', help: 'checked, too' },
    checkpoint: { type: 'string', value: 'NAME', help: "which one (the server's default)" },
  },
  async run({ values, words, darkroom, signal }) {
    const report = await (await darkroom()).checkPrompt(
      {
        prompt: words[0]!,
        ...(values.negative !== undefined && { negativePrompt: values.negative }),
        ...(values.checkpoint !== undefined && { checkpoint: values.checkpoint }),
      },
      { signal },
    );
    const { allowed, tokens, errors } = report;
    const text = [
      facts([
        ['allowed', allowed ? 'yes' : 'no'],
        ['tokens', `${tokens.length}: ${tokens.join(' ')}`],
      ]),
      ...errors.map(({ path, message }) => `${path.join('.')}: ${message}`),
      ...warnings(report),
    ].join('\n');
    return { text, json: report, exitCode: allowed ? 0 : 4 };
  },
});
