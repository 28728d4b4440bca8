import type { Plugin } from 'graphql-yoga';

/**
 * POST bodies are JSON. Yoga would also take forms, which a page of another origin can send without asking first: a
 * "simple request" must not be able to change anything.
 */
export function useJsonOnly(): Plugin {
  return {
    onRequestParse({ request, endResponse, fetchAPI }) {
      if (request.method !== 'POST' || isJson(request.headers.get('content-type'))) return;
      const message = 'POST bodies must be sent as Content-Type: application/json';
      const body = JSON.stringify({ errors: [{ message, extensions: { code: 'INPUT_INVALID' } }] });
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      endResponse(new fetchAPI.Response(body, { status: 415, headers }));
    },
  };
}

function isJson(contentType: string | null): boolean {
  return contentType?.split(';')[0]?.trim().toLowerCase() === 'application/json';
}
