/** `npm ci` refuses a lock that does not hold every platform's optional packages; a lock made on one machine may not. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Optional packages that some package names and the lock does not hold, wherever npm would look for them. */
function missing(packages: Readonly<Record<string, LockedPackage>>): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) => {
    const folders = path
      .split('/node_modules/')
      .map((_, depth, parts) => parts.slice(0, depth + 1).join('/node_modules/'));
    return Object.keys(optionalDependencies).filter(
      name =>
        !['', ...folders].some(folder => Object.hasOwn(packages, `${folder && `${folder}/`}node_modules/${name}`)),
    );
  });
}

it.each(['package-lock.json', 'gpu-backend/package-lock.json'])('%s can be installed on every platform', async file => {
  const { packages } = JSON.parse(await readFile(file, 'utf8'));
  expect(Object.keys(packages).length).toBeGreaterThan(5);
  expect(missing(packages)).toEqual([]);
});

it('finds a platform package that was left out', () => {
  const packages = {
    'node_modules/a': { optionalDependencies: { '@a/linux': '1', '@a/darwin': '1' } },
    'node_modules/a/node_modules/@a/linux': {},
  };
  expect(missing(packages)).toEqual(['@a/darwin']);
});
