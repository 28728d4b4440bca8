import { builder } from './builder.ts';
import { RequestError } from './errors.ts';
import { GenerationType } from './generation.ts';
import { idWithin } from './node.ts';

builder.mutationField('cancelGeneration', t =>
  t.field({
    type: GenerationType,
    nullable: true,
    description:
      'Stops a generation, which is kept with the images that it has. One that has ended is returned unchanged.',
    args: { id: t.arg.id({ required: true, description: 'The generation’s id.' }) },
    errors: {
      types: [RequestError],
      union: { name: 'CancelGenerationResult', description: 'What was stopped, or why nothing was.' },
    },
    resolve: async (_, args, { services }) => {
      const id = idWithin('Generation', args.id);
      const generation = id === null ? null : await services.generations.cancel(id);
      if (generation === null) throw new RequestError('NOT_FOUND', 'There is no generation with this id');
      return generation;
    },
  }),
);
