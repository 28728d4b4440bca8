/** The GraphQL over HTTP specification, audited by graphql-http against the built worker. */
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { House } from '../end-to-end/house.ts';

let house: House;
beforeAll(async () => {
  house = await House.build({}, false);
});
afterAll(() => house?.tearDown());

const audits = serverAudits({ url: () => `${house.url}/graphql`, fetchFn: fetch });

it('has as many audits as were passed before', () => {
  expect(audits).toHaveLength(61);
});

for (const { id, name, fn } of audits) {
  it(`${id} ${name}`, async () => {
    const result = await fn();
    // Audits of what may or should be are told of with a notice: here all of them are to pass.
    expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok');
  });
}
