import { builder } from './builder.ts';
import { RequestError } from './errors.ts';
import { idWithin } from './node.ts';

const DeletedType = builder.objectRef<{ readonly id: string }>('Deleted').implement({
  description: 'It is gone, with all that nobody else uses.',
  fields: t => ({ id: t.exposeID('id', { description: 'The id that it had.' }) }),
});

const DeletedLatentType = builder.objectRef<{ readonly key: string }>('DeletedLatent').implement({
  description: 'It is gone, with its picture and its vectors.',
  fields: t => ({ key: t.exposeString('key', { description: 'The key that it had.' }) }),
});

builder.mutationFields(t => ({
  deleteGeneration: t.field({
    type: DeletedType,
    nullable: true,
    description:
      'Deletes a generation, its images and what no other one uses of its latents; or a contact sheet with its picture and all of its generations. One that is not at its end is stopped. A generation of a contact sheet takes the sheet with it, but not the other generations.',
    args: { id: t.arg.id({ required: true, description: 'The id of the generation or the contact sheet.' }) },
    errors: {
      types: [RequestError],
      union: { name: 'DeleteGenerationResult', description: 'What was deleted, or why it was not.' },
    },
    resolve: async (_, { id }, { services }) => {
      const [generation, sheet] = [idWithin('Generation', id), idWithin('ContactSheet', id)];
      const isDeleted =
        (generation !== null && (await services.generations.delete(generation))) ||
        (sheet !== null && (await services.contactSheets.delete(sheet)));
      if (!isDeleted) throw new RequestError('NOT_FOUND', 'There is no generation or contact sheet with this id');
      return { id };
    },
  }),
  deleteLatent: t.field({
    type: DeletedLatentType,
    nullable: true,
    description: 'Deletes a latent. One that a kept generation holds is FORBIDDEN: delete that first.',
    args: { key: t.arg.string({ required: true, description: 'Its key: 64 lower-case hex digits.' }) },
    errors: {
      types: [RequestError],
      union: { name: 'DeleteLatentResult', description: 'What was deleted, or why it was not.' },
    },
    resolve: async (_, { key }, { services }) => {
      const outcome = await services.latents.delete(key);
      if (outcome === 'DELETED') return { key };
      if (outcome === 'UNKNOWN') throw new RequestError('NOT_FOUND', 'There is no latent with this key');
      throw new RequestError('FORBIDDEN', 'A kept generation has this latent: delete the generation first');
    },
  }),
}));
