import { builder } from './builder.ts';
import type { PromptReport, UnknownWord } from './context.ts';
import { InputIssueType } from './input-issue.ts';

const UnknownWordType = builder.objectRef<UnknownWord>('UnknownWord').implement({
  description: 'A word of the prompt that the checkpoint was never taught. A warning: it is drawn all the same.',
  fields: t => ({
    word: t.exposeString('word', { description: 'The word as it stands in the prompt.' }),
    start: t.exposeInt('start', { description: 'Where it starts, in UTF-16 units of the prompt.' }),
    end: t.exposeInt('end', { description: 'Where it ends (exclusive), in UTF-16 units of the prompt.' }),
    suggestions: t.stringList({
      description:
        'The nearest phrases that the checkpoint knows, nearest first. For the first 20 different unknown words.',
      resolve: word => [...word.suggestions],
    }),
  }),
});

export const PromptReportType = builder.objectRef<PromptReport>('PromptReport').implement({
  description: 'What the server makes of a prompt. `errors` say why it is not allowed; the rest is advice.',
  fields: t => ({
    allowed: t.exposeBoolean('allowed', { description: 'Whether `generate` would accept it.' }),
    tokens: t.stringList({
      description:
        'The prompt as the text encoder reads it, begin and end tokens included, without padding. Cut at `Checkpoint.maxTokens`.',
      resolve: report => [...report.tokens],
    }),
    tokenIds: t.intList({
      description: 'The same tokens by number: `input_ids` of transformers’ CLIPTokenizer with truncation.',
      resolve: report => [...report.tokenIds],
    }),
    truncated: t.exposeBoolean('truncated', {
      description:
        'Whether the prompt or the negative prompt has more tokens than the model reads: the rest is dropped.',
    }),
    unknownWords: t.field({
      type: [UnknownWordType],
      description:
        'Words of the prompt that the checkpoint was never taught. Empty where it does not say what it was taught.',
      resolve: report => [...report.unknownWords],
    }),
    errors: t.field({
      type: [InputIssueType],
      description: 'Why the prompt is not allowed; empty when it is.',
      resolve: report => [...report.errors],
    }),
  }),
});
