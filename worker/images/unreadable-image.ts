/** A file that is no picture, or none that is taken. The message says of it what it is: "the PNG ends early". */
export class UnreadableImage extends Error {
  override readonly name = 'UnreadableImage';
}
