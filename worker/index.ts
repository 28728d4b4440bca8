import { DurableObject } from 'cloudflare:workers';

export class GenerationObject extends DurableObject<Env> {
  hello() {
    return 'hello';
  }
}
export default {
  async fetch(request, env) {
    return new Response(request.url + ' ' + (await env.GENERATIONS.getByName('a').hello()) + (await env.ASSETS.fetch('http://x/graphiql/index.html')).status);
  },
} satisfies ExportedHandler<Env>;
