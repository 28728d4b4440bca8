/** The worker: GraphQL, GraphiQL's page, and the files that its answers point to. */
import { type Configuration, readConfiguration } from './configuration.ts';
import { createGraphQL } from './graphql/create.ts';
import { enter } from './http/entrance.ts';
import { route } from './http/routes.ts';
import { logUnexpected, unexpectedResponse } from './http/unexpected.ts';
import { createCheckpoints, createServices } from './services.ts';

export { GenerationObject } from './generations/generation-object.ts';

const graphql = createGraphQL({
  logger: { fault: report => console.error(JSON.stringify({ level: 'error', where: 'graphql', ...report })) },
});

export default {
  async fetch(request, env) {
    let configuration: Configuration;
    try {
      configuration = readConfiguration({ ...env });
    } catch (error) {
      return unexpectedResponse(logUnexpected(error, 'configuration'));
    }
    return enter(request, configuration, (url, origin) => {
      const services = createServices(env, configuration, origin);
      return route(request, url, { configuration, services, assets: env.ASSETS, graphql });
    });
  },

  /** Learns of new checkpoints, so that no caller has to wait for it. */
  async scheduled(_, env) {
    await createCheckpoints(env, readConfiguration({ ...env })).refresh();
  },
} satisfies ExportedHandler<Env>;
