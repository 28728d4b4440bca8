import { expect, test } from 'vitest';
import { takesEvents, takesOnlyEvents } from './accept.ts';

test.each([
  ['text/event-stream', true, true],
  ['Text/Event-Stream; charset=utf-8', true, true],
  ['text/*', true, true],
  [null, true, false],
  ['', true, false],
  ['*/*', true, false],
  ['text/event-stream, application/json', true, false],
  ['application/graphql-response+json,text/event-stream;q=0.9', true, false],
  ['application/json', false, false],
  ['application/json, multipart/mixed', false, false],
  ['text/event-streams', false, false],
])('Accept: %s takes events: %s, and nothing else: %s', (accept, events, onlyEvents) => {
  expect(takesEvents(accept)).toBe(events);
  expect(takesOnlyEvents(accept)).toBe(onlyEvents);
});
