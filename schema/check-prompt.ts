import { builder } from './builder.ts';
import { findCheckpoint } from './checkpoint.ts';
import { PromptReportType } from './prompt-report.ts';

builder.queryField('checkPrompt', t =>
  t.field({
    type: PromptReportType,
    nullable: true,
    description: 'What the server would make of a prompt: nothing is generated, nothing is charged.',
    args: {
      prompt: t.arg.string({ required: true, description: 'What the picture is to show.' }),
      negativePrompt: t.arg.string({ description: 'What it is not to show.' }),
      checkpoint: t.arg.string({ description: 'A checkpoint’s name; the server’s default when absent.' }),
    },
    resolve: async (_, args, { services }) => {
      const card = await findCheckpoint(services.checkpoints, args.checkpoint);
      return services.prompts.check(card, args.prompt, args.negativePrompt ?? '');
    },
  }),
);
