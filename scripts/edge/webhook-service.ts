/** The network that the worker's webhooks are called through on this machine. */
import { getCACertificates, rootCertificates } from 'node:tls';
import { publicNetwork } from '../../worker/webhooks/public-network.ts';

/**
 * A service binding of Miniflare to workerd's own network, which looks at the address that it is about to connect to: a
 * public name that resolves to a private address leads nowhere.
 * @param allowPrivate lets this machine and its networks be called too
 */
export function webhookService(allowPrivate: boolean) {
  const { allow, deny } = allowPrivate ? { allow: ['public', 'private'], deny: [] } : publicNetwork;
  return {
    type: 'network' as const,
    allow: [...allow],
    deny: [...deny],
    tlsOptions: {
      trustBrowserCas: true,
      // Whom Node trusts beside them (NODE_EXTRA_CA_CERTS). On Windows workerd finds no authorities of its own.
      trustedCertificates: [...(process.platform === 'win32' ? rootCertificates : []), ...getCACertificates('extra')],
    },
  };
}
