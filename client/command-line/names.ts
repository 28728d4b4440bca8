/** Names of the schema's enumerations, which the SDK has as types: the compiler keeps them whole. */
import type { GenerationStatus, Scheduler, SimilaritySpace } from '../sdk/index.ts';

export const schedulers = namesOf<Scheduler>({
  DDIM: true,
  DDPM: true,
  DPMPP_2M: true,
  DPMPP_2M_KARRAS: true,
  DPMPP_2M_SDE: true,
  EULER: true,
  EULER_ANCESTRAL: true,
  FLOW_MATCH_EULER: true,
  HEUN: true,
  LCM: true,
  PNDM: true,
  UNIPC: true,
});

export const spaces = namesOf<SimilaritySpace>({ EMBEDDING: true, LATENT: true, PROMPT: true });

export const statuses = namesOf<GenerationStatus>({
  QUEUED: true,
  ENCODING: true,
  DENOISING: true,
  DECODING: true,
  SCORING: true,
  SUCCEEDED: true,
  FAILED: true,
  CANCELLED: true,
});

function namesOf<Name extends string>(all: Readonly<Record<Name, true>>): readonly Name[] {
  return Object.keys(all) as Name[];
}
