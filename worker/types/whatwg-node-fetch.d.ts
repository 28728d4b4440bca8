/*
 * What GraphQL Yoga's types need of its fetch ponyfill. The package's own declarations pull in the DOM's, which
 * contradict those of Workers; here everything is what Workers has.
 */
export function createFetch(options?: object): typeof globalThis;
export declare const fetch: typeof globalThis.fetch;
export declare const Request: typeof globalThis.Request;
export declare const Response: typeof globalThis.Response;
export declare const Headers: typeof globalThis.Headers;
export declare const ReadableStream: typeof globalThis.ReadableStream;
