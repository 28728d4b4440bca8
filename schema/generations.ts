import { builder } from './builder.ts';
import { connectionType } from './connection.ts';
import { costs } from './field-cost.ts';
import { GenerationType } from './generation.ts';
import { GenerationStatusType } from './generation-status.ts';
import { cutPage, pageSize, readPage } from './page.ts';

const CURSOR = 'Generations';

const GenerationConnection = connectionType('Generation', GenerationType, 'generations');

builder.queryField('generations', t =>
  t.field({
    type: GenerationConnection,
    nullable: true,
    description: 'The kept generations, newest first.',
    args: {
      first: t.arg.int({ description: 'How many from the start, 0 to 100. Default 20.' }),
      after: t.arg.string({ description: 'The cursor of the edge after which the page starts.' }),
      last: t.arg.int({ description: 'How many from the end, 0 to 100. Not together with `first`.' }),
      before: t.arg.string({ description: 'The cursor of the edge before which the page ends.' }),
      status: t.arg({ type: [GenerationStatusType], description: 'Only those in one of these states.' }),
    },
    extensions: costs({ size: pageSize }),
    resolve: async (_, args, { services: { generations } }) => {
      const page = readPage(args, CURSOR, value => generations.isId(value));
      // Each once: a store has a limit to how many values one query may name.
      const status = args.status ? [...new Set(args.status)] : null;
      const loaded = await generations.list({
        status,
        limit: page.size + 1,
        after: page.after,
        before: page.before,
        reverse: page.backward,
      });
      return cutPage(
        page,
        CURSOR,
        loaded,
        generation => generation.id,
        () => generations.count(status),
      );
    },
  }),
);
