/** Which part of the worker answers a path. The Host and the caller's origin have been checked. */
import { type ImageFormat, RetryLater } from '../../schema/context.ts';
import type { Configuration } from '../configuration.ts';
import { fileTypes } from '../images/codecs.ts';
import { latentPath, serveLatent } from '../latents/latent-files.ts';
import { restInterfaceOf } from '../rest/interfaces.ts';
import type { EdgeServices } from '../services.ts';
import { asset } from './assets.ts';
import { graphiqlPage } from './graphiql.ts';
import { admitGraphql } from './graphql-request.ts';
import { wantsPage } from './page.ts';
import { refuse } from './refusal.ts';
import { isSigned } from './signed-path.ts';
import { signpost, studioPage } from './studio.ts';

export interface Edge {
  readonly configuration: Configuration;
  readonly services: EdgeServices;
  readonly assets: Fetcher;
  readonly graphql: (request: Request, services: EdgeServices) => Promise<Response>;
  /** Has a promise settled even where the caller has gone. */
  readonly waitUntil: (promise: Promise<unknown>) => void;
}

/** Files whose address is the permission to read them. */
export function isCapability(path: string): boolean {
  return ['/images/', '/latents/', '/embeddings/', '/checkpoints/'].some(folder => path.startsWith(folder));
}

/** @param origin this server's own, as callers see it */
export async function route(request: Request, url: URL, origin: string, edge: Edge): Promise<Response> {
  const { pathname } = url;
  if (pathname === '/graphql') return graphql(request, edge);
  const rest = restInterfaceOf(pathname);
  if (rest) return rest.route({ request, url, ...edge });
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(405, 'INPUT_INVALID', 'Ask with GET; GraphQL is at /graphql', { Allow: 'GET, HEAD, OPTIONS' });
  }
  if (pathname === '/health') return Response.json({ status: 'alive' });
  if (isCapability(pathname)) return file(request, url, edge).catch(askLater);
  const publicOrigin = edge.configuration.publicUrl?.origin ?? null;
  if (pathname.startsWith('/assets/')) {
    return (await asset(request, edge.assets, pathname.slice(8), publicOrigin)) ?? notFound();
  }
  if (wantsPage(request)) return studioPage(request, edge.assets, pathname, publicOrigin);
  return pathname === '/' ? signpost(request, origin) : notFound();
}

async function graphql(request: Request, { assets, graphql, services }: Edge): Promise<Response> {
  if (wantsPage(request)) return graphiqlPage(request, assets);
  const admitted = await admitGraphql(request);
  return admitted instanceof Response ? admitted : graphql(admitted, services);
}

/** Pictures, latents, what the laboratory makes, and checkpoints' files. The token is looked at before the file is looked for: without it nobody learns what exists. */
async function file(request: Request, url: URL, { configuration, services }: Edge): Promise<Response> {
  const { pathname } = url;
  const token = url.searchParams.get('token');
  if (!(await isSigned(configuration.urlSecret, pathname, token))) {
    const fault = token === null ? 'This address lacks its token' : 'The token is not the one of this address';
    return refuse(404, 'NOT_FOUND', `${fault}: use the whole address that the API answers with`);
  }
  const [, imageId, extension] = /^\/images\/([0-9a-z-]+)\.([a-z]+)$/.exec(pathname) ?? [];
  const format = formats.find(name => fileTypes[name].extension === extension);
  if (imageId !== undefined && format) return (await services.images.serve(request, imageId, format)) ?? notFound();
  const made = await services.laboratoryFiles.serve(request, pathname);
  if (made) return made;
  const part = await services.browserFiles.serve(request, pathname);
  if (part) return part;
  const [, key] = /^\/latents\/([0-9a-f]{64})\.safetensors$/.exec(pathname) ?? [];
  if (key === undefined || latentPath(key) !== pathname) return notFound();
  return (await serveLatent(request, services.latentStore, key)) ?? notFound();
}

/** A picture that must be decoded first, or a checkpoint's file that must be sent first, and nobody does so now. */
function askLater(error: unknown): Response {
  if (!(error instanceof RetryLater)) throw error;
  const { code, message, retryAfterMs } = error;
  return refuse(503, code, message, { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) });
}

const formats = Object.keys(fileTypes) as ImageFormat[];

function notFound(): Response {
  return refuse(404, 'NOT_FOUND', 'There is nothing here');
}
