/**
 * What the studio's page and its workers may load and run: nothing inline and nothing evaluated, but for WebAssembly, and
 * nothing from elsewhere but what is served under another address of this server.
 */

/** @param publicOrigin where pictures and latents are served; null: where the page is */
export function pagePolicy(publicOrigin: string | null): string {
  return [
    ...common(publicOrigin),
    "style-src 'self'",
    `img-src ${["'self'", 'data:', 'blob:', publicOrigin].filter(Boolean).join(' ')}`,
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** A worker has the policy of its own script, not of the page that starts it. */
export function scriptPolicy(publicOrigin: string | null): string {
  return common(publicOrigin).join('; ');
}

function common(publicOrigin: string | null): string[] {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    `connect-src ${["'self'", publicOrigin].filter(Boolean).join(' ')}`,
    "worker-src 'self' blob:",
  ];
}
