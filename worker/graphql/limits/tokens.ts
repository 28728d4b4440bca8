import { Lexer, Source, TokenKind } from 'graphql';

/**
 * Counts a document's lexical tokens, as graphql-js does (comments aside), but no further than `most`: a body may be
 * megabytes long. What is no token is left to the parser, whose message says where it is.
 */
export function countTokens(document: string, most: number): number {
  const lexer = new Lexer(new Source(document));
  let count = 0;
  try {
    while (count < most && lexer.advance().kind !== TokenKind.EOF) count++;
  } catch {
    return count;
  }
  return count;
}
