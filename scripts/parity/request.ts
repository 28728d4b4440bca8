/** One picture that both Darkroom and diffusers make. */
export interface ParityRequest {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly seed: number;
}

/** What all pictures of a run have in common. */
export interface ParitySettings {
  /** The checkpoint's folder, absolute. */
  readonly folder: string;
  readonly steps: number;
  readonly guidanceScale: number;
  readonly width: number;
  readonly height: number;
  /** A diffusers class, made from the checkpoint's own scheduler config. */
  readonly scheduler: string;
  /** Image to image. Null: from noise. */
  readonly start: ParityStart | null;
}

export interface ParityStart {
  /** A PNG file, absolute, of any size. */
  readonly file: string;
  /** Above 0 to 1. */
  readonly strength: number;
}
