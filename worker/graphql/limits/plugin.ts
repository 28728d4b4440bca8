import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { costError } from './cost.ts';
import { type QueryLimits, tooComplex } from './limits.ts';
import { structureError } from './structure.ts';
import { countTokens } from './tokens.ts';

/**
 * Refuses a document at the earliest point where it is known to be too much: by its tokens before it is parsed, by its
 * structure before it is validated, by its cost, which depends on the variables, before it is executed.
 */
export function useQueryLimits(limits: QueryLimits): Plugin {
  return {
    onParse({ params }) {
      // Counting goes on a little, so that the message says how far off a document is.
      const most = limits.tokens * 10;
      const tokens = countTokens(params.source.toString(), most);
      if (tokens > limits.tokens) {
        throw tooComplex('tokens', tokens < most ? tokens : `${most} or more`, limits.tokens);
      }
      return ({ result }) => {
        if (result === null || result instanceof Error) return;
        const error = structureError(result, limits);
        if (error) throw error;
      };
    },
    onValidate() {
      return ({ result, setResult }) => {
        if (result.some(isAbortedComparison)) setResult([TOO_MANY_COMPARISONS]);
      };
    },
    onExecute({ args, setResultAndStopExecution }) {
      const error = costError(args.schema, args.document, args.operationName, args.variableValues, limits);
      if (error) setResultAndStopExecution({ errors: [error] });
    },
  };
}

/**
 * graphql-js compares all fields that are answered under one name, and gives up beyond a budget of its own. It says so
 * by this message and by nothing else.
 */
function isAbortedComparison(error: Error): boolean {
  return error.message === 'Validation aborted.';
}

const TOO_MANY_COMPARISONS = new GraphQLError(
  'The query selects the same fields too often: more than 500000 comparisons are needed to tell whether they can be merged',
  { extensions: { code: 'TOO_COMPLEX' } },
);
