/**
 * A checkpoint's card: all that the edge must know of a checkpoint to tokenise and validate prompts without asking a
 * backend again. Published by every backend that has the checkpoint; content-addressed by `digest`.
 */
export interface CheckpointCard {
  readonly version: 1;
  readonly name: string;
  /** SHA-256 over the folder's weight and config files, lower-case hex. */
  readonly digest: string;
  /** What the files that the digest covers take on disk. Absent on cards from before there was this. */
  readonly bytes?: number;
  /** What all of its weights take in memory, computed with as float32. Absent on cards from before there was this. */
  readonly memoryBytes?: number;
  readonly parameterCount: number;
  /** `[channels, height, width]` of a latent at the checkpoint's own size. */
  readonly latentShape: readonly [number, number, number];
  /** Pixels per latent pixel, e.g. 8. */
  readonly latentScale: number;
  /** One per text encoder. */
  readonly tokenizers: readonly TokenizerCard[];
  /**
   * Whether zeros stand for a negative prompt that was not given, instead of an empty text (SDXL): a plan then asks for no
   * negative token ids with an empty list.
   */
  readonly zerosForNoPrompt?: boolean;
  /** Whether the UNet is told sizes (SDXL). */
  readonly sizeConditioning?: boolean;
  /** The checkpoint's own `scheduler_config.json`. */
  readonly scheduler: Readonly<Record<string, unknown>>;
  /** Schedulers it can run with, by the names of the GraphQL contract. */
  readonly schedulers: readonly string[];
  readonly discriminator: boolean;
  /** The score from which on its discriminator calls a picture real; null or absent without one. */
  readonly realFrom?: number | null;
  readonly embedder: boolean;
  /**
   * Numbers of an embedding, and what cosines are multiplied with before a softmax over labels; null or absent without an
   * embedder.
   */
  readonly embedding?: { readonly size: number; readonly logitScale: number } | null;
  readonly defaults: {
    readonly width: number;
    readonly height: number;
    readonly steps: number;
    readonly guidanceScale: number;
    readonly scheduler: string;
  };
  readonly limits: {
    readonly maxSteps: number;
    readonly maxWidth: number;
    readonly maxHeight: number;
    readonly multipleOf: number;
    readonly maxCount: number;
    /** Layers of its text encoders that can be skipped. */
    readonly maxClipSkip: number;
  };
  /** Null where the checkpoint does not say what it was taught. */
  readonly vocabulary: readonly VocabularyEntry[] | null;
  /**
   * How far off its own held-out scenes are when the autoencoder has made them again, by the measure of `models/outlier.ts`:
   * ascending, and the quantile of them above which a picture is an outlier. Null or absent where the checkpoint does not say.
   */
  readonly heldOut?: { readonly threshold: number; readonly measures: readonly number[] } | null;
  /** Absent on cards from before there was this. */
  readonly browser?: BrowserParts;
}

/** What a browser is handed out of a checkpoint. */
export interface BrowserParts {
  /** To decode its latents. */
  readonly decoder: { readonly config: BrowserFile; readonly weights: BrowserFile };
  /** To run all of it, the decoder's among them; null where that would be too much for a browser. */
  readonly files: readonly BrowserFile[] | null;
}

export interface BrowserFile {
  /** Path inside the folder that a browser has of it, e.g. `unet/config.json`. */
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex; absent for what is cut out of another file. */
  readonly sha256?: string;
}

/** The files of it that browsers are handed out. */
export function browserFilesOf({ browser }: Pick<CheckpointCard, 'browser'>): readonly BrowserFile[] {
  return browser ? (browser.files ?? Object.values(browser.decoder)) : [];
}

/** A CLIP byte-pair-encoding tokenizer: the contents of `vocab.json` and `merges.txt`. */
export interface TokenizerCard {
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly string[];
  readonly bosToken: string;
  readonly eosToken: string;
  readonly padToken: string;
  /** Stands for what is not in the vocabulary. Default: the end token. */
  readonly unknownToken?: string;
  /** Tokens that a text may hold as they are written, beside the special ones, or what is unusual about those. */
  readonly addedTokens?: readonly AddedToken[];
  readonly maxLength: number;
}

/** A token that is found in a text before the text is cleaned or split; its id is in the vocabulary. */
export interface AddedToken {
  readonly content: string;
  /** Whether spaces before it, or after it, belong to it. */
  readonly stripsBefore?: boolean;
  readonly stripsAfter?: boolean;
  /** Whether it is one only with spaces, or nothing, around it. */
  readonly wholeWord?: boolean;
}

export interface VocabularyEntry {
  readonly phrase: string;
  readonly kind: string;
  /** Synonyms the checkpoint was taught too. */
  readonly also: readonly string[];
}
