/** Whether somebody who answers at an address is a Darkroom: prompts and pictures are for nobody else. */
import { Darkroom, isDarkroomError } from '../../sdk/index.ts';
import { UsageError } from '../troubles.ts';

/** Who does not answer as simple a question within this time is not there, in milliseconds. */
const answersWithinMs = 5000;

/**
 * What a Darkroom answers with null, whether a backend is there or not, and other programs that know GraphQL (npm start's own
 * port is the usual one of many) with an error, as they have no such fields.
 */
const question = '{ generation(id: "-") { images { latent { key digest } } } }';

/** Why no Darkroom can be asked there; null where all is well. @throws UsageError for what is no address; the signal's reason */
export async function troubleWith(url: string, signal: AbortSignal): Promise<string | null> {
  try {
    const darkroom = new Darkroom({ url, patienceMs: 0, timeoutMs: answersWithinMs });
    const answer = (await darkroom.graphql(question, {}, { signal })) as { readonly generation?: unknown };
    return answer.generation === null ? null : `${url} is no Darkroom`;
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    if (!isDarkroomError(error)) throw error;
    return error.kind === 'connection'
      ? error.message
      : `${url} is no Darkroom, or takes no questions: ${error.message}`;
  }
}
