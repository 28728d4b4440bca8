import { builder } from './builder.ts';
import { MOST_CELLS } from './contact-sheet-input.ts';
import type { ContactSheetState } from './contact-sheet-service.ts';
import { costs } from './field-cost.ts';
import { FailureType, GenerationType } from './generation.ts';
import { GenerationStatusType } from './generation-status.ts';
import { ImageType } from './image.ts';
import { NodeInterface, nodeId } from './node.ts';
import { ProgressType } from './progress.ts';

export const ContactSheetType = builder.objectRef<ContactSheetState>('ContactSheet').implement({
  description:
    'A grid of generations over one or two parameters, and one picture of them all. It lasts as long as all of its generations do.',
  interfaces: [NodeInterface],
  fields: t => ({
    id: t.id({
      description: 'For `node`, `cancelGeneration` and `deleteGeneration`.',
      resolve: sheet => nodeId('ContactSheet', sheet.id),
    }),
    status: t.field({
      type: GenerationStatusType,
      description:
        'How far its generations are: QUEUED until the first begins, DECODING from the last step on until the picture is drawn. FAILED where one of them failed, else CANCELLED where one was cancelled.',
      resolve: sheet => sheet.status,
    }),
    progress: t.field({
      type: ProgressType,
      description: 'How many steps of all of its generations are done.',
      resolve: sheet => sheet,
    }),
    image: t.field({
      type: ImageType,
      nullable: true,
      description:
        'All of them in one picture, with labelled axes. Null until it has ended, and where none of them has an image.',
      resolve: sheet => sheet.image,
    }),
    cells: t.field({
      type: t.listRef(t.listRef(GenerationType)),
      description: 'Its generations: rows follow `y`, columns `x`.',
      // Those that are sent inside the answer are counted as they are sent.
      extensions: costs({ size: () => MOST_CELLS, inlineSize: () => 1 }),
      resolve: sheet => sheet.cells.map(row => [...row]),
    }),
    failure: t.field({
      type: FailureType,
      nullable: true,
      description: 'Why the first that failed did; null unless `status` is FAILED.',
      resolve: sheet => sheet.failure,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was accepted.' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null until then.',
    }),
  }),
});
