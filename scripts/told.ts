import { CheckpointError } from '../models/checkpoint/error.ts';

/**
 * Runs a program about a checkpoint. What its caller did wrong is told in words, without a stack: arguments with the help beside
 * them (exit code 2), a checkpoint or a value in a line (1).
 */
export async function told(help: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code?.startsWith('ERR_PARSE_ARGS')) {
      console.error(`${message}\n\n${help}`);
      process.exitCode = 2;
    } else if (error instanceof CheckpointError || error instanceof RangeError) {
      console.error(message);
      process.exitCode = 1;
    } else throw error;
  }
}
