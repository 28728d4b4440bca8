/** A subscription as a client of graphql-sse reads it, in distinct connections mode. */

export class StreamBroken extends Error {
  override readonly name = 'StreamBroken';
}

const decoder = new TextDecoder();

/**
 * Every snapshot of a generation until the stream is complete; null for one that there is not.
 * @param url of the server, without a path
 * @param fields what is asked of it, as GraphQL
 * @throws StreamBroken when the connection is lost before the end
 */
// biome-ignore lint/suspicious/noExplicitAny: snapshots of every shape
export async function* watchGeneration(url: string, id: string, fields: string): AsyncGenerator<any> {
  const query = `subscription ($id: ID!) { generation(id: $id) { ${fields} } }`;
  let response: Response;
  try {
    response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query, variables: { id } }),
    });
  } catch (error) {
    throw new StreamBroken('it did not begin', { cause: error });
  }
  if (!response.ok || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
    throw new Error(`no stream: ${response.status} ${await response.text()}`);
  }
  let rest = '';
  const chunks = response.body![Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await chunks.next().catch((error: unknown) => {
        throw new StreamBroken('it was lost', { cause: error });
      });
      if (done) throw new StreamBroken('it ended before it was complete');
      const events = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = events.pop()!;
      for (const event of events) {
        const [, kind] = /^event: ?(.*)$/m.exec(event) ?? [];
        if (kind === 'complete') return;
        // A ping is a comment.
        if (kind !== 'next') continue;
        const { data, errors } = JSON.parse(/^data: ?(.*)$/m.exec(event)![1]!);
        if (errors) throw new Error(JSON.stringify(errors));
        yield data.generation;
      }
    }
  } finally {
    await chunks.return?.().catch(() => {});
  }
}
