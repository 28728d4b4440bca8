import { builder } from './builder.ts';
import { GenerationType } from './generation.ts';
import { idWithin } from './node.ts';
import { watchedStates } from './watched-states.ts';

builder.subscriptionField('generation', t =>
  t.field({
    type: GenerationType,
    nullable: true,
    description:
      'A generation as it is now and after every change, at most five times a second, up to its end: each event is all of it, so whoever missed some is right again after the next. Null, and the end, for an id that is unknown, malformed or deleted, be it meanwhile.',
    args: { id: t.arg.id({ required: true, description: 'The generation’s id.' }) },
    subscribe: (_, { id }, context) => watchedStates(idWithin('Generation', id), context),
    resolve: state => state,
  }),
);
