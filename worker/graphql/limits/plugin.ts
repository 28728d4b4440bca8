import { type ExecutionArgs, GraphQLError, getOperationAST, getVariableValues } from 'graphql';
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
      const errors = operationErrors(args, limits);
      if (errors.length > 0) setResultAndStopExecution({ errors });
    },
    // Once for the whole stream: every event of it asks for the same.
    onSubscribe({ args, setResultAndStopExecution }) {
      const errors = operationErrors(args, limits);
      if (errors.length > 0) setResultAndStopExecution({ errors });
    },
  };
}

type OperationArgs = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>;

/** What is wrong with an operation and its variables. */
function operationErrors(
  { schema, document, operationName, variableValues }: OperationArgs,
  limits: QueryLimits,
): readonly GraphQLError[] {
  const operation = getOperationAST(document, operationName);
  // Execution says better than this could that there is no such operation.
  if (!operation) return [];
  const { errors, coerced } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    variableValues ?? {},
    MOST_VARIABLE_ERRORS,
  );
  if (errors) return errors.map(badVariable);
  const error = costError(schema, document, operation, coerced, limits);
  return error ? [error] : [];
}

/** Each quotes the whole value that is wrong, which may be megabytes long; execution would collect fifty of them. */
const MOST_VARIABLE_ERRORS = { maxErrors: 3 };

function badVariable({ message, nodes, extensions: own }: GraphQLError): GraphQLError {
  const extensions = { ...own, http: { spec: true, status: 400 } };
  return new GraphQLError(message, { nodes: nodes ?? null, extensions });
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
