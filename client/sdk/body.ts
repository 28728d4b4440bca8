/** An operation as the body of a request: JSON, or a multipart form where its variables hold files. */

export interface RequestBody {
  readonly body: string | FormData;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Files anywhere in the variables go beside the operation, as the GraphQL multipart request specification has it
 * (https://github.com/jaydenseric/graphql-multipart-request-spec). `bigint`s become decimal texts, as the scalar `Seed` takes
 * them.
 *
 * @throws TypeError for variables that JSON cannot hold, such as circular ones
 */
export function requestBody(query: string, variables: unknown): RequestBody {
  const files: { readonly path: string; readonly file: Blob }[] = [];
  const operations = JSON.stringify({ query, variables: withoutFiles(variables, 'variables', files) });
  if (files.length === 0) return { body: operations, headers: { 'Content-Type': 'application/json' } };
  const form = new FormData();
  form.set('operations', operations);
  form.set('map', JSON.stringify(Object.fromEntries(files.map(({ path }, i) => [i, [path]]))));
  for (const [i, { file }] of files.entries()) form.set(String(i), file);
  // A form is what any page may send without asking first; the header is what it may not.
  return { body: form, headers: { 'GraphQL-Require-Preflight': '1' } };
}

function withoutFiles(value: unknown, path: string, files: { path: string; file: Blob }[]): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Blob) {
    files.push({ path, file: value });
    return null;
  }
  if (Array.isArray(value)) return value.map((item, i) => withoutFiles(item, `${path}.${i}`, files));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutFiles(item, `${path}.${key}`, files)]),
  );
}
