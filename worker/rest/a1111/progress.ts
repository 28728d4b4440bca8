/** `GET /sdapi/v1/progress`: of the generation that has been running for longest. The web UI makes one at a time. */
import {
  type GenerationService,
  type GenerationState,
  type GenerationStatus,
  stepsOf,
} from '../../../schema/context.ts';

const running: readonly GenerationStatus[] = ['ENCODING', 'DENOISING', 'DECODING', 'SCORING'];

/** @param withImage whether the picture so far is wanted */
export async function progress(generations: Pick<GenerationService, 'list' | 'count'>, withImage: boolean) {
  const [[state = null], jobs] = await Promise.all([
    generations.list({ status: running, limit: 1, after: null, before: null, reverse: true }),
    generations.count(['QUEUED', ...running]),
  ]);
  const dataUri = withImage ? state?.preview?.dataUri : null;
  return {
    progress: state && state.steps > 0 ? state.step / state.steps : 0,
    eta_relative: (state?.etaMs ?? 0) / 1000,
    state: {
      skipped: false,
      interrupted: false,
      stopping_generation: false,
      job: state?.id ?? '',
      job_count: jobs,
      job_timestamp: (state?.createdAt ?? '').replaceAll(/\D/g, '').slice(0, 14) || '0',
      job_no: 0,
      ...samplingOf(state),
    },
    current_image: dataUri?.slice(dataUri.indexOf(',') + 1) ?? null,
    textinfo: null,
  };
}

/** The steps of the image that is being made. */
function samplingOf(state: GenerationState | null) {
  if (state === null) return { sampling_step: 0, sampling_steps: 0 };
  const steps = stepsOf(state.parameters);
  return {
    sampling_step: steps === 0 || state.step === state.steps ? steps : state.step % steps,
    sampling_steps: steps,
  };
}
