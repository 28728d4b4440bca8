/**
 * A GraphQL operation as text that knows what it asks for: `graphql` answers with `Data` and wants `Variables`. Only for
 * the compiler: the text is a string.
 */
export type TypedDocument<Data, Variables> = string & { readonly __types?: (variables: Variables) => Data };
