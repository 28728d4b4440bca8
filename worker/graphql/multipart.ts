/**
 * Files beside an operation: the GraphQL multipart request specification
 * (https://github.com/jaydenseric/graphql-multipart-request-spec), one operation a request.
 */
import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';

/** Places that files can be put, altogether. */
const mostPlaces = 20;

/** Yoga's own parser takes a map of any shape at its word, and falls over some. */
export function useMultipart(): Plugin {
  return {
    onRequestParse({ request, setRequestParser }) {
      if (/^multipart\/form-data(;|$)/i.test(request.headers.get('content-type') ?? ''))
        setRequestParser(readMultipart);
    },
  };
}

/** @throws GraphQLError that says what the form lacks */
export async function readMultipart(request: Request): Promise<GraphQLParams> {
  const form = await request.formData().catch(() => {
    throw malformed('The body is no multipart form');
  });
  const operations = readJson(form, 'operations');
  if (!isRecord(operations)) throw malformed('operations must be one operation: an object with query and variables');
  const map = form.has('map') ? readJson(form, 'map') : {};
  if (!isRecord(map)) throw malformed('map must be an object of lists: {"0": ["variables.file"]}');
  let places = 0;
  for (const [name, paths] of Object.entries(map)) {
    if (!Array.isArray(paths) || !paths.every(path => typeof path === 'string')) {
      throw malformed(`map has no list of paths for the part ${shown(name)}: {"0": ["variables.file"]}`);
    }
    places += paths.length;
    if (places > mostPlaces) throw malformed(`map has more than ${mostPlaces} paths`);
    const file: unknown = form.get(name);
    if (!(file instanceof Blob)) throw malformed(`map names the part ${shown(name)}, which is no file of this request`);
    for (const path of paths) put(operations, path, file);
  }
  return operations as GraphQLParams;
}

/** Every step must be there already, and what it leads to be null: so the specification has it. */
function put(operations: Record<string, unknown>, path: string, file: Blob): void {
  const keys = path.split('.');
  const last = keys.pop()!;
  let at: unknown = operations;
  for (const key of keys) at = isObject(at) && Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : null;
  if (!isObject(at) || !Object.hasOwn(at, last) || (at as Record<string, unknown>)[last] !== null) {
    throw malformed(`map puts a file at ${shown(path)}, where operations has no null`);
  }
  (at as Record<string, unknown>)[last] = file;
}

function readJson(form: FormData, name: string): unknown {
  const text: unknown = form.get(name);
  if (typeof text !== 'string') throw malformed(`The form lacks its part ${name}: a text of JSON`);
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(`The part ${name} is not JSON`);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Blob);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function malformed(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'INPUT_INVALID', http: { spec: true, status: 400 } } });
}
