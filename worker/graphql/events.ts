/**
 * Subscriptions: streams of server-sent events, in the "distinct connections mode" of the protocol of graphql-sse
 * (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md). Yoga writes them, with a comment every twelve
 * seconds so that nobody between us takes a quiet stream for a dead one.
 */
import { createSourceEventStream, type ExecutionArgs, execute, GraphQLError } from 'graphql';
import { isAsyncIterable, mapAsyncIterator, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { ResolverContext } from '../../schema/builder.ts';
import { takesEvents } from './accept.ts';

/**
 * Makes each event of a subscription a response of its own: it has all that a response may take, and looks everything up
 * anew. A stream lives for long; what was found for its first event is over by its last.
 *
 * @param contextOf makes what the resolvers of one response are given
 */
export function useEvents<ServerContext extends object>(
  contextOf: (context: ServerContext) => ResolverContext,
): Plugin<ServerContext> {
  return {
    onSubscribe({ args, setSubscribeFn, setResultAndStopExecution }) {
      const context = args.contextValue as ServerContext & YogaInitialContext;
      if (!takesEvents(context.request.headers.get('accept'))) {
        setResultAndStopExecution({ errors: [NOT_ACCEPTABLE] });
        return;
      }
      setSubscribeFn((args: ExecutionArgs) => subscribe(args, () => ({ ...context, ...contextOf(context) })));
    },
  };
}

const NOT_ACCEPTABLE = new GraphQLError(
  'A subscription is answered with a stream of events: ask with Accept: text/event-stream',
  { extensions: { code: 'INPUT_INVALID', http: { status: 406 } } },
);

/** As graphql-js's own, but for the context of each event. */
async function subscribe(args: ExecutionArgs, newContext: () => unknown) {
  const source = await createSourceEventStream(args);
  if (!isAsyncIterable(source)) return source;
  return mapAsyncIterator(source, rootValue => execute({ ...args, rootValue, contextValue: newContext() }));
}

/**
 * Sees to it that events arrive when they are sent: nobody on the way is to keep them or to wait for more of them. Other
 * answers are left as they are.
 */
export function unbuffered(response: Response): Response {
  const { headers } = response;
  if (!headers.get('content-type')?.startsWith('text/event-stream')) return response;
  headers.set('Cache-Control', 'no-store, no-transform');
  // nginx's, and of those who have learnt it from there.
  headers.set('X-Accel-Buffering', 'no');
  // Yoga's. The one belongs to the connection, of which we know nothing; the other is no encoding that there is.
  headers.delete('Connection');
  headers.delete('Content-Encoding');
  return response;
}
