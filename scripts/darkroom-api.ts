/** A Darkroom that runs somewhere, asked as anybody may ask it. */
import { setTimeout as sleep } from 'node:timers/promises';

/** What a server says that cannot be gone on from; the message is meant to be read. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
}

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  readonly data?: any;
  readonly errors?: readonly { readonly message: string }[];
}

const errorFields =
  '... on Error { code message } ... on InputError { issues { path message } } ... on RetryLaterError { retryAfterMs }';

export class DarkroomApi {
  readonly #url: string;

  /** @param url without a path, such as http://127.0.0.1:8787 */
  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  /**
   * @returns the answer's data
   * @throws ApiError where there is no server, or it answers with errors
   */
  async ask(query: string, variables: object = {}): Promise<Answer['data']> {
    const response = await this.#reach('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as Answer;
    if (errors) throw new ApiError(errors.map(({ message }) => message).join('; '));
    return data;
  }

  /**
   * A mutation with one `input`; asked again where the server says when.
   * @param selection with a fragment on what a success is
   * @throws ApiError with the message of a typed error
   */
  async mutate(name: string, input: object, selection: string): Promise<Answer['data']> {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} ${errorFields} } }`;
    for (;;) {
      const result = (await this.ask(query, { input }))[name];
      if (result.retryAfterMs === undefined) {
        if (result.code === undefined) return result;
        const issues = (result.issues ?? []).map(
          (issue: { path: string[]; message: string }) => `${issue.path.join('.')}: ${issue.message}`,
        );
        throw new ApiError(`${name}: ${result.message} ${issues.join('; ')}`.trim());
      }
      await sleep(result.retryAfterMs);
    }
  }

  /** The file at an address that an answer had. @throws ApiError */
  async file(address: string): Promise<Uint8Array<ArrayBuffer>> {
    const response = await fetch(address);
    if (!response.ok) throw new ApiError(`${address}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Tried twice: a connection that was left idle may have been closed from the other side. */
  async #reach(path: string, request: RequestInit): Promise<Response> {
    try {
      return await fetch(this.#url + path, request).catch(() => fetch(this.#url + path, request));
    } catch (error) {
      const { cause, message } = error as Error & { cause?: Error };
      const why = cause?.message || message;
      throw new ApiError(`${this.#url} does not answer (${why}): npm start, or name another server with --url`);
    }
  }
}
