import { BlockList, isIP } from 'node:net';
import { StartError } from './options.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host.toLowerCase() === 'localhost' : loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * There are no API keys yet, so whoever reaches the server may use it: that must have been meant.
 * @throws StartError for a host beyond loopback without a word that this is meant, or without the names it is asked by
 */
export function checkExposure(host: string, env: Readonly<Record<string, string | undefined>>): void {
  if (isLoopback(host)) return;
  if (env.ALLOW_WITHOUT_KEYS !== 'true') {
    throw new StartError(
      `HOST=${host} can be reached from other machines, and there are no API keys yet. Keep to 127.0.0.1 behind ` +
        'something that asks who is there, or say ALLOW_WITHOUT_KEYS=true',
    );
  }
  if (!env.PUBLIC_URL && !env.ALLOWED_HOSTS) {
    throw new StartError(
      `With HOST=${host} set PUBLIC_URL or ALLOWED_HOSTS to the names clients use: requests for other hosts are refused`,
    );
  }
}
