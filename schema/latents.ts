import { builder } from './builder.ts';
import { findCheckpoint } from './checkpoint.ts';
import { connectionType } from './connection.ts';
import type { LatentPlace } from './context.ts';
import { costs } from './field-cost.ts';
import { LatentType } from './latent.ts';
import { cutPage, pageSize, readPage } from './page.ts';

const CURSOR = 'Latents';

const LatentConnection = connectionType('Latent', LatentType, 'latents');

builder.queryField('latents', t =>
  t.field({
    type: LatentConnection,
    nullable: true,
    description:
      'The stored latents, newest first: those of generations, of pictures that were encoded, and those sent.',
    args: {
      first: t.arg.int({ description: 'How many from the start, 0 to 100. Default 20.' }),
      after: t.arg.string({ description: 'The cursor of the edge after which the page starts.' }),
      last: t.arg.int({ description: 'How many from the end, 0 to 100. Not together with `first`.' }),
      before: t.arg.string({ description: 'The cursor of the edge before which the page ends.' }),
      checkpoint: t.arg.string({ description: 'Only those of the checkpoint that has this name now.' }),
    },
    extensions: costs({ size: pageSize }),
    resolve: async (_, args, { services: { checkpoints, latents } }) => {
      const page = readPage(args, CURSOR, value => readPlace(value) !== null);
      const checkpointDigest =
        args.checkpoint == null ? null : (await findCheckpoint(checkpoints, args.checkpoint)).digest;
      const loaded = await latents.list({
        checkpointDigest,
        limit: page.size + 1,
        after: readPlace(page.after),
        before: readPlace(page.before),
        reverse: page.backward,
      });
      return cutPage(page, CURSOR, loaded, writePlace, () => latents.count(checkpointDigest));
    },
  }),
);

function writePlace({ createdAt, key }: LatentPlace): string {
  return `${createdAt} ${key}`;
}

function readPlace(text: string | null): LatentPlace | null {
  const [, createdAt, key] = /^(\d{4}-\d\d-\d\dT[\d:.]{8,12}Z) ([0-9a-f]{64})$/.exec(text ?? '') ?? [];
  return createdAt === undefined ? null : { createdAt, key: key! };
}
