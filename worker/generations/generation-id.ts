/** 32 hex digits: 48 bits of milliseconds, then 80 random ones. Ordering by id is ordering by time. */
export function newGenerationId(now: number = Date.now()): string {
  const random = crypto.getRandomValues(new Uint8Array(10));
  return now.toString(16).padStart(12, '0') + Array.from(random, byte => byte.toString(16).padStart(2, '0')).join('');
}

export function isGenerationId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}
