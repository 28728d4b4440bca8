/**
 * What a caller asked for cannot be: the message names the parameter, what it is and what was expected. Apart from other
 * RangeErrors, because the engine throws those too, for memory that is not there and for calls that go too deep.
 */
export class ParameterError extends RangeError {
  override readonly name = 'ParameterError';
}
