import { builder } from './builder.ts';
import type { GenerationState, PreviewState } from './context.ts';
import { hasEnded } from './generation-status.ts';

/** Of whatever goes on in denoising steps. */
export type ProgressState = Pick<GenerationState, 'status' | 'step' | 'steps' | 'queuePosition' | 'etaMs'>;

/** What there is only as long as it goes on, whatever was kept of it. */
export function ongoing<
  State extends Pick<GenerationState, 'status'>,
  Name extends keyof State & ('queuePosition' | 'etaMs' | 'preview'),
>(state: State, name: Name): NonNullable<State[Name]> | null {
  return hasEnded(state.status) ? null : (state[name] ?? null);
}

/** An estimate may be any number; GraphQL's Int may not. */
function whole(number: number | null): number | null {
  return number === null ? null : Math.round(Math.min(Math.max(number, 0), 2 ** 31 - 1));
}

export const ProgressType = builder.objectRef<ProgressState>('Progress').implement({
  description: 'How many of the denoising steps are done, which never goes down, and what is known of the rest.',
  fields: t => ({
    step: t.exposeInt('step', { description: 'Steps done, over all images.' }),
    steps: t.exposeInt('steps', { description: 'Steps to do, over all images.' }),
    fraction: t.float({
      description: '`step` of `steps`, from 0 to 1.',
      resolve: ({ step, steps }) => (steps > 0 ? step / steps : 0),
    }),
    queuePosition: t.int({
      nullable: true,
      description: 'How many are before it; 0 is the next. Null where it does not wait, or that is not known now.',
      resolve: state => ongoing(state, 'queuePosition'),
    }),
    etaMs: t.int({
      nullable: true,
      description: 'About how many milliseconds are left until its end. Null where that cannot be told, and after it.',
      resolve: state => whole(ongoing(state, 'etaMs')),
    }),
  }),
});

export const PreviewType = builder.objectRef<PreviewState>('Preview').implement({
  description: 'The picture so far, small and rough.',
  fields: t => ({
    step: t.exposeInt('step', { description: 'After how many of `Progress.steps` it was made.' }),
    dataUri: t.exposeString('dataUri', { description: 'A small PNG as a `data:` URI.' }),
  }),
});
