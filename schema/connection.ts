import type { ObjectRef } from '@pothos/core';
import { builder, type Types } from './builder.ts';
import type { Connection, PageInfo } from './page.ts';

export const PageInfoType = builder.objectRef<PageInfo>('PageInfo').implement({
  description: 'Where a page lies in its list.',
  fields: t => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether the list goes on after this page.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'Whether the list has something before this page.',
    }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description: 'The cursor of the page’s first edge: `before` it lies the previous page. Null for an empty page.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description: 'The cursor of the page’s last edge: `after` it lies the next page. Null for an empty page.',
    }),
  }),
});

/** `<name>Connection` and `<name>Edge`, with the total count. */
export function connectionType<Item>(name: string, node: ObjectRef<Types, Item>, many: string) {
  const edge = builder.objectRef<Connection<Item>['edges'][number]>(`${name}Edge`);
  edge.implement({
    description: `One of the ${many}, with its place in the list.`,
    fields: t => ({
      cursor: t.exposeString('cursor', { description: 'Its place in the list, for `after` and `before`. Opaque.' }),
      // Pothos cannot see that a generic item is its own reference's shape.
      node: t.field({
        type: node,
        description: 'The item itself.',
        resolve: (parent: unknown) => (parent as { node: never }).node,
      }),
    }),
  });
  const connection = builder.objectRef<Connection<Item>>(`${name}Connection`);
  connection.implement({
    description: `A page of a list of ${many}.`,
    fields: t => ({
      edges: t.field({ type: [edge], description: `The ${many} of this page.`, resolve: parent => [...parent.edges] }),
      pageInfo: t.field({
        type: PageInfoType,
        description: 'Where this page lies in the list.',
        resolve: parent => parent.pageInfo,
      }),
      totalCount: t.int({
        description: 'How many the whole list has, page aside.',
        resolve: parent => parent.totalCount(),
      }),
    }),
  });
  return connection;
}
