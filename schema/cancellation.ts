import { builder } from './builder.ts';
import { ContactSheetType } from './contact-sheet.ts';
import { RequestError } from './errors.ts';
import { GenerationType } from './generation.ts';
import { idWithin } from './node.ts';

const CancelGenerationResult = builder.errorUnion('CancelGenerationResult', {
  description: 'What was stopped, or why nothing was.',
  types: [GenerationType, ContactSheetType, RequestError],
  resolveType: stopped => ('cells' in stopped ? ContactSheetType : GenerationType),
});

builder.mutationField('cancelGeneration', t =>
  t.field({
    type: CancelGenerationResult,
    nullable: true,
    description:
      'Stops a generation, which is kept with the images that it has, or a contact sheet with all of its generations. One that has ended is returned unchanged.',
    args: { id: t.arg.id({ required: true, description: 'The id of the generation or the contact sheet.' }) },
    resolve: async (_, args, { services }) => {
      const [generation, sheet] = [idWithin('Generation', args.id), idWithin('ContactSheet', args.id)];
      const stopped =
        (generation && (await services.generations.cancel(generation))) ??
        (sheet && (await services.contactSheets.cancel(sheet)));
      if (!stopped) throw new RequestError('NOT_FOUND', 'There is no generation or contact sheet with this id');
      return stopped;
    },
  }),
);
