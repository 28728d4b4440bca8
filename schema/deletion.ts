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
      'Deletes a generation, its images and what no other one uses of its latents. One that is not at its end is stopped.',
    args: { id: t.arg.id({ required: true, description: 'The generation’s id.' }) },
    errors: {
      types: [RequestError],
      union: { name: 'DeleteGenerationResult', description: 'What was deleted, or why it was not.' },
    },
    resolve: async (_, { id }, { services }) => {
      const generation = idWithin('Generation', id);
      if (generation === null || !(await services.generations.delete(generation))) {
        throw new RequestError('NOT_FOUND', 'There is no generation with this id');
      }
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
