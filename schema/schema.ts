import './scalars.ts';
import './error-types.ts';
import './node.ts';
import './checkpoint.ts';
import './check-prompt.ts';
import './generation.ts';
import './generations.ts';
import './generation-events.ts';
import './image.ts';
import './latent.ts';
import './latents.ts';
import './similar.ts';
import './similarity.ts';
import './generate.ts';
import './cancellation.ts';
import './deletion.ts';
import './encode-image.ts';
import './reconstruct.ts';
import './compress.ts';
import './interpolate.ts';
import './random-image.ts';
import './discriminate.ts';
import './classify.ts';
import './embed.ts';
import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';

/** Darkroom's API, types and fields in alphabetical order. `schema.graphql` is its committed picture. */
export const schema: GraphQLSchema = builder.toSchema();
