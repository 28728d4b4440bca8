/** The worker as it would be deployed: small, and without a Node API. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { edgeBuild, wrangler } from '../../scripts/build.ts';

const modules = (await readdir(edgeBuild.worker)).filter(name => /\.(js|wasm|woff)$/.test(name));

describe('the bundle', () => {
  it('is under 1 MB gzipped', async () => {
    let bytes = 0;
    for (const name of modules) bytes += gzipSync(await readFile(join(edgeBuild.worker, name))).byteLength;
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(1_000_000);
  });

  it('imports nothing but its own modules and what Workers have', async () => {
    const source = await readFile(join(edgeBuild.worker, 'index.js'), 'utf8');
    // As a minifier writes them; texts that speak of imports have white space, or are the word alone.
    const imported = [...source.matchAll(/(?<!")\b(?:from|import)"([^"]+)"|\b(?:require|import)\("([^"]+)"\)/g)].map(
      ([, name, called]) => (name ?? called)!,
    );
    expect(imported).toContain('cloudflare:workers');
    const foreign = imported.filter(
      name => name !== 'cloudflare:workers' && !modules.includes(name.replace(/^\.\//, '')),
    );
    expect(foreign).toEqual([]);
    expect(source).not.toMatch(/["'`]node:/);
  });
});

describe('wrangler.toml', () => {
  it('and the committed types of its bindings agree', async () => {
    const said = await wrangler(['types', 'worker/worker-configuration.d.ts', '--strict-vars=false', '--check']);
    expect(said).toContain('up to date');
  });

  it('and Miniflare run the worker with the same bindings', async () => {
    const [toml, miniflare] = await Promise.all(
      ['wrangler.toml', 'scripts/miniflare.ts'].map(name => readFile(join(import.meta.dirname, '../..', name), 'utf8')),
    );
    const setting = (name: string) => new RegExp(`^${name} = (.*)$`, 'm').exec(toml!)?.[1];
    expect(miniflare).toContain(`compatibilityDate: '${JSON.parse(setting('compatibility_date')!)}'`);
    for (const flag of JSON.parse(setting('compatibility_flags')!)) expect(miniflare).toContain(`'${flag}'`);
    const bindings = [...toml!.matchAll(/^(?:binding|name) = "([A-Z_]+)"$/gm)].map(([, name]) => name!);
    const variables = [
      ...toml!.slice(toml!.indexOf('[vars]'), toml!.indexOf('[secrets]')).matchAll(/^([A-Z_]+) = ""$/gm),
    ];
    const names = [...bindings, ...variables.map(([, name]) => name!), ...JSON.parse(setting('required')!)];
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(miniflare).toMatch(new RegExp(`\\b${name}\\b`));
  });
});
