import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { write } from './languages.ts';

const recipe = {
  prompt: `it's "a\ncat" on $HOME`,
  seed: 7,
  guidanceScale: 3,
  scheduler: 'DDIM',
  start: { from: { latentKey: 'k' }, strength: 0.5 },
};
const origin = 'http://127.0.0.1:8787';

describe('a recipe', () => {
  it('is a mutation that the schema takes', () => {
    const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'));
    expect(validate(schema, parse(write('graphql', recipe, origin)))).toEqual([]);
  });

  it('is a command that a shell hands over as it is meant', () => {
    const command = write('curl', recipe, origin).replace(/^curl/, 'printf "%s\\n"');
    const said = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).trim().split('\n');
    const { query, variables } = JSON.parse(said.at(-1)!);
    expect(variables.input).toEqual({ ...recipe, wait: 60_000 });
    const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'));
    expect(validate(schema, parse(query))).toEqual([]);
  });

  it('is a program that asks for the same', async () => {
    const program = write('sdk', recipe, origin);
    const [, input] = /generate\(([\s\S]*)\);\n/.exec(program)!;
    expect(new Function(`return ${input}`)()).toEqual(recipe);
    expect(program).toContain(`url: '${origin}'`);
  });
});
