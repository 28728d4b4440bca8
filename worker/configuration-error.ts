/** The deployer's mistake, not the caller's. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
