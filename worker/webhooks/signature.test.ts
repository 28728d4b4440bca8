import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../configuration.ts';
import { readSecret, sign } from './signature.ts';

const withBytes = (count: number) => `whsec_${randomBytes(count).toString('base64')}`;

describe('sign', () => {
  it('signs the published example as published', async () => {
    const secret = readSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const signature = await sign(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}');
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it.each([24, 32, 63, 64])('signs with %i bytes as Node does, whatever the body holds', async count => {
    const secret = withBytes(count);
    const body = JSON.stringify({ name: 'Häkchen 🪝 \u2028', empty: null });
    const expected = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
      .update(`id-1.1700000000.${body}`, 'utf8')
      .digest('base64');
    expect(await sign(readSecret(secret), 'id-1', 1_700_000_000, body)).toBe(`v1,${expected}`);
  });
});

describe('readSecret', () => {
  const good = withBytes(32);

  it.each([
    ['nothing', ''],
    ['no prefix', good.slice('whsec_'.length)],
    ['another prefix', good.replace('whsec_', 'whsk_')],
    ['the prefix alone', 'whsec_'],
    ['too few bytes', withBytes(23)],
    ['too many bytes', withBytes(65)],
    ['no base64', `whsec_${'!'.repeat(32)}`],
    ['base64url', `whsec_${'-_'.repeat(16)}`],
    ['no padding', withBytes(32).replace(/=+$/, '')],
    ['more after the padding', `${good}AAAA`],
    ['white space within', good.replace(/.{10}$/, ' $&')],
  ])('refuses %s, says what is expected, and does not repeat it', (_, text) => {
    const read = () => readSecret(text);
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(
      /^WEBHOOK_SECRET must be whsec_ and base64 of 24 to 64 random bytes, .*openssl rand -base64 32/,
    );
    if (text.length > 20) expect(read).not.toThrow(text.slice(10));
  });
});
