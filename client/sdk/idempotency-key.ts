/**
 * A key that nobody else draws: 128 random bits in hex. (`crypto.randomUUID` is kept from pages that came over plain HTTP.)
 */
export function idempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}
