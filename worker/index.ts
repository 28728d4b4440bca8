/** The worker: GraphQL, two interfaces that published clients know, the studio and GraphiQL for people, and the files that its answers point to. */
import { BackendPool } from './backends/pool.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { createGraphQL } from './graphql/create.ts';
import { enter } from './http/entrance.ts';
import { route } from './http/routes.ts';
import { logUnexpected, unexpectedResponse } from './http/unexpected.ts';
import { createCheckpoints, createServices } from './services.ts';
import { createSimilarity } from './similarity/create.ts';

export { ContactSheetObject } from './contact-sheets/contact-sheet-object.ts';
export { DevelopmentObject } from './developments/development-object.ts';
export { DispatcherObject } from './dispatch/dispatcher-object.ts';
export { GenerationObject } from './generations/generation-object.ts';
export { CacheKeeper } from './keeper/cache-keeper.ts';
export { SimilarityShard } from './similarity/similarity-shard.ts';

const graphql = createGraphQL({
  logger: { fault: report => console.error(JSON.stringify({ level: 'error', where: 'graphql', ...report })) },
});

export default {
  async fetch(request, env, execution) {
    let configuration: Configuration;
    try {
      configuration = readConfiguration({ ...env });
    } catch (error) {
      return unexpectedResponse(logUnexpected(error, 'configuration'));
    }
    return enter(request, configuration, (url, origin) => {
      const services = createServices(env, configuration, origin);
      const waitUntil = (promise: Promise<unknown>) => execution.waitUntil(promise);
      return route(request, url, origin, { configuration, services, assets: env.ASSETS, graphql, waitUntil });
    });
  },

  /** Learns of new checkpoints, so that no caller has to wait for it, and puts into the index what a crash kept out. */
  async scheduled(_, env) {
    const configuration = readConfiguration({ ...env });
    const pool = new BackendPool(configuration);
    await createCheckpoints(env, configuration, pool).refresh();
    await createSimilarity(env, pool).catchUp();
    await env.KEEPER.getByName('cache').wake();
  },
} satisfies ExportedHandler<Env>;
