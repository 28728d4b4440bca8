import { expect, test } from 'vitest';
import { inMemory } from '../../test/models/tiny-checkpoint.ts';
import { createScheduler } from '../schedulers/create.ts';
import { Config } from './config.ts';
import { parsePythonJson } from './python-json.ts';

test.each([
  ['{"a": -Infinity, "b": Infinity, "c": NaN}', { a: -Infinity, b: Infinity, c: null }],
  ['{"-Infinity": "NaN \\" Infinity", "a": [NaN]}', { '-Infinity': 'NaN " Infinity', a: [null] }],
  ['{"a": 1}', { a: 1 }],
])('%s is read', (text, value) => {
  expect(parsePythonJson(text)).toEqual(value);
});

test.each(['{"a": Infinite}', '{"a": --Infinity}', '{"a": toString}', '{'])('%s is refused', text => {
  expect(() => parsePythonJson(text)).toThrow(SyntaxError);
});

test('a scheduler that diffusers saved means the same once it went over the wire', async () => {
  const file = 'scheduler/scheduler_config.json';
  const saved = '{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity}';
  const { values } = await Config.read(inMemory(new Map([[file, new TextEncoder().encode(saved)]])), file);
  expect(values.lambda_min_clipped).toBe(-Infinity);
  const sent = JSON.parse(JSON.stringify(values));
  const timesteps = [values, sent, { _class_name: values._class_name }].map(
    config => createScheduler(config, { steps: 5 }).timesteps,
  );
  expect(timesteps[1]).toEqual(timesteps[0]);
  expect(timesteps[2]).toEqual(timesteps[0]);
});
