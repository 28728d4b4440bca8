import { builder } from './builder.ts';
import type { InputIssue } from './context.ts';

export const InputIssueType = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'One thing that is wrong with an input.',
  fields: t => ({
    path: t.stringList({
      description: 'Where, from the argument on: `["input", "steps"]`.',
      resolve: issue => [...issue.path],
    }),
    message: t.exposeString('message', { description: 'What is wrong and what the limit is.' }),
  }),
});
