import type { VocabularyEntry } from '../wire/card.ts';
import { builder } from './builder.ts';
import { connectionType } from './connection.ts';
import { type Connection, cutPage, type PageArguments, readPage } from './page.ts';

const CURSOR = 'Vocabulary';

const VocabularyEntryType = builder.objectRef<Indexed>('VocabularyEntry').implement({
  description: 'Something the checkpoint was taught by name.',
  fields: t => ({
    phrase: t.string({ description: 'Its name, as prompts may use it.', resolve: entry => entry.phrase }),
    kind: t.string({
      description: 'What kind of thing it is, such as `animal` or `colour`.',
      resolve: entry => entry.kind,
    }),
    also: t.stringList({ description: 'Other names that were taught for it.', resolve: entry => [...entry.also] }),
  }),
});

export const VocabularyConnection = connectionType('Vocabulary', VocabularyEntryType, 'vocabulary entries');

/** An entry with its place in the whole vocabulary: cursors stay valid whatever is searched. */
type Indexed = VocabularyEntry & { readonly index: number };

/** @throws InputError for a page that cannot be */
export function pageVocabulary(
  vocabulary: readonly VocabularyEntry[],
  args: PageArguments & { readonly search?: string | null | undefined; readonly kind?: string | null | undefined },
): Connection<Indexed> {
  const page = readPage(args, CURSOR, value => /^(0|[1-9]\d{0,8})$/.test(value) && Number(value) < vocabulary.length);
  const search = (args.search ?? '').trim().toLowerCase();
  const matching = vocabulary
    .map((entry, index) => ({ ...entry, index }))
    .filter(entry => args.kind == null || entry.kind === args.kind)
    .filter(entry => [entry.phrase, ...entry.also].some(name => name.toLowerCase().includes(search)));
  const after = page.after === null ? -1 : Number(page.after);
  const rest = matching.filter(entry => entry.index > after).slice(0, page.size + 1);
  return cutPage(
    page,
    CURSOR,
    rest,
    entry => String(entry.index),
    () => matching.length,
  );
}
