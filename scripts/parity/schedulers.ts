import { type SchedulerName, schedulerClass, schedulerNames } from '../../models/schedulers/names.ts';

/**
 * Schedulers by what people call them: `ddim,euler-ancestral`, or diffusers' classes, or `all`.
 * @param known those that the checkpoint can run with
 * @returns null where one of them is none of the known
 */
export function schedulersOf(text: string, known: readonly SchedulerName[]): readonly SchedulerName[] | null {
  if (text === 'all') return known;
  const found = text.split(',').map(part => {
    const wanted = part.trim();
    const name = wanted.toUpperCase().replaceAll('-', '_');
    return known.find(each => each === name) ?? known.find(each => schedulerClass(each).class === wanted);
  });
  return found.every(name => name !== undefined) ? [...new Set(found)] : null;
}

/** For people, in the order of the contract. */
export function namesOf(schedulers: readonly SchedulerName[]): string {
  return schedulerNames
    .filter(name => schedulers.includes(name))
    .join(', ')
    .toLowerCase();
}
