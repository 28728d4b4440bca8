import { builder, type ResolverContext } from './builder.ts';
import { InputError } from './errors.ts';
import { costs, sizeUpTo } from './field-cost.ts';
import { decodeOpaque, encodeOpaque } from './opaque.ts';

const MAX_NODES = 100;

/** Everything with an id that `node` finds. */
export type NodeTypeName = 'Generation' | 'ContactSheet' | 'Image' | 'Latent' | 'Checkpoint';

export function nodeId(type: NodeTypeName, id: string): string {
  return encodeOpaque(type, id);
}

/** The id within its type; null for a malformed id or one of another type. */
export function idWithin(type: NodeTypeName, id: string): string | null {
  const decoded = decodeOpaque(id);
  return decoded?.kind === type ? decoded.value : null;
}

export const NodeInterface = builder.interfaceRef<object>('Node').implement({
  description: 'Anything with an id that is unique over all types.',
  fields: t => ({
    id: t.id({
      description: 'Opaque, unique over all types, and what `node` takes.',
      resolve: () => {
        throw new TypeError('Every type that implements Node resolves its own id');
      },
    }),
  }),
});

const finders: Record<NodeTypeName, (context: ResolverContext, id: string) => Promise<object | null>> = {
  Generation: ({ services }, id) => services.generations.find(id),
  ContactSheet: ({ services }, id) => services.contactSheets.find(id),
  Image: ({ services }, id) => services.images.find(id),
  Latent: ({ services }, id) => services.latents.find(id),
  Checkpoint: ({ services }, id) => services.checkpoints.findByDigest(id),
};

async function findNode(context: ResolverContext, id: string): Promise<object | null> {
  const decoded = decodeOpaque(id);
  if (decoded === null || !Object.hasOwn(finders, decoded.kind) || decoded.value === '') return null;
  const type = decoded.kind as NodeTypeName;
  const found = await finders[type](context, decoded.value);
  // The interface is resolved by name; the object itself belongs to the service and stays as it is.
  return found && Object.create(found, { __typename: { value: type } });
}

builder.queryFields(t => ({
  node: t.field({
    type: NodeInterface,
    nullable: true,
    description: 'Anything by its id. Null for an id that is unknown or malformed.',
    args: {
      id: t.arg.id({
        required: true,
        description: 'The id of a Generation, ContactSheet, Image, Latent or Checkpoint.',
      }),
    },
    resolve: (_, { id }, context) => findNode(context, id),
  }),
  nodes: t.field({
    type: [NodeInterface],
    nullable: { list: false, items: true },
    description: `Several by their ids, in the order of the ids; at most ${MAX_NODES}.`,
    args: { ids: t.arg.idList({ required: true, description: 'Ids as `node` takes them.' }) },
    extensions: costs({ size: ({ ids }) => sizeUpTo(MAX_NODES, (ids as string[]).length) }),
    resolve: (_, { ids }, context) => {
      if (ids.length > MAX_NODES) {
        throw new InputError([{ path: ['ids'], message: `ids has ${ids.length} entries: at most ${MAX_NODES}` }]);
      }
      return ids.map(id => findNode(context, id));
    },
  }),
}));
