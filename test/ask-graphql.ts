/**
 * Asks a running Darkroom.
 * @param url of the server, without a path
 * @returns the answer's data
 * @throws Error with the answer's errors
 */
// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
export async function askGraphql(url: string, query: string, variables: object = {}): Promise<any> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
