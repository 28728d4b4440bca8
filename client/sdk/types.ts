/** The SDK's types under the names that the schema has for them: of each, what the SDK asks for. */
import type {
  CheckpointFragment,
  ContactSheetFragment,
  FailureFragment,
  GenerationFragment,
  ImageFragment,
  LatentFragment,
  LatentQuery,
  NeighboursFragment,
  ProgressFragment,
  PromptReportFragment,
  ReuseFragment,
  ScoreFragment,
  SimilarityQuery,
  VocabularyQuery,
} from './generated.ts';

export type {
  Axis,
  AxisParameter,
  ClassifyInput,
  CompressInput,
  ContactSheetInput,
  DiscriminateInput,
  EmbedInput,
  EncodeImageInput,
  ErrorCode,
  GenerateInput,
  GenerationStatus,
  InterpolateInput,
  RandomImageInput,
  RandomImageKind,
  ReconstructInput,
  ReusePolicy,
  Scheduler,
  SdxlConditioning,
  SimilaritySpace,
  SimilarTo,
  Stage,
  StartFrom,
  StartInput,
} from './generated.ts';

/** A durable job: what was asked for, how far it is, and what came of it. */
export interface Generation extends GenerationFragment {}
/** A picture. `url` is its PNG; each address works without headers. */
export interface Image extends ImageFragment {}
/** The invisible picture: what denoising leaves and the autoencoder decodes. */
export interface Latent extends LatentFragment {}
/** A latent with what it looks like, and the oldest generation that made it. */
export type PicturedLatent = NonNullable<LatentQuery['latent']>;
/** A grid of generations, and one picture of them all. */
export interface ContactSheet extends ContactSheetFragment {}
/** A set of trained models that work together. */
export interface Checkpoint extends CheckpointFragment {}
/** What the server makes of a prompt. */
export interface PromptReport extends PromptReportFragment {}
/** A value that is out of range or malformed, and where it is. */
export type InputIssue = PromptReportFragment['errors'][number];
/** A word that the checkpoint was never taught, and what it knows instead. */
export type UnknownWord = PromptReportFragment['unknownWords'][number];
/** How far a job is. */
export interface Progress extends ProgressFragment {}
/** What was not computed again, and where it came from. */
export interface Reuse extends ReuseFragment {}
/** The discriminator's verdict. */
export interface Score extends ScoreFragment {}
/** Why a job ended early. */
export interface Failure extends FailureFragment {}
/** Something that a prompt may name. */
export type VocabularyEntry = NonNullable<
  NonNullable<VocabularyQuery['checkpoint']>['vocabulary']
>['edges'][number]['node'];
/** One of the latents that are alike, and how much. */
export interface Neighbour {
  readonly similarity: number;
  readonly latent: NeighboursFragment['edges'][number]['node'];
}
/** How alike two latents are, in every space that both have a place in. */
export type Similarity = NonNullable<SimilarityQuery['similarity']>;
