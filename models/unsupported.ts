/** Something a checkpoint or a request asks for that Darkroom does not compute. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
  /** What it is, by the name it has in the config: a class or an option with its value. */
  readonly what: string;

  /**
   * @param what e.g. `HeunDiscreteScheduler` or `timestep_spacing "cosine"`
   * @param instead what there is, e.g. `DDIMScheduler`
   */
  constructor(what: string, instead?: string) {
    super(`${what} is not supported${instead ? `, expected ${instead}` : ''}`);
    this.what = what;
  }
}
