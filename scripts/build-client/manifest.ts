/** The package.json of the published SDK. */

export interface ManifestParts {
  /** The project's own package.json. */
  readonly project: {
    readonly version: string;
    readonly license: string;
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  /** Of each entry, such as `./decode`, its module without an ending. */
  readonly entries: Readonly<Record<string, string>>;
  /** What the modules import. */
  readonly packages: readonly string[];
}

/** Large, and needed only by who decodes in the page: brought along by them. */
const peers = ['onnxruntime-web'];

/** @throws Error for a package whose version the project does not pin */
export function manifest({ project, entries, packages }: ManifestParts): object {
  const version = (name: string) => {
    const pinned = project.dependencies[name] ?? project.devDependencies[name];
    if (!pinned) throw new Error(`The SDK imports ${name}, which package.json does not name`);
    return `^${pinned}`;
  };
  const versions = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, version(name)]));
  const own = packages.filter(name => peers.includes(name));
  return {
    name: 'darkroom-client',
    version: project.version,
    description: 'Darkroom, a self-hosted image-generation API, for TypeScript and JavaScript: Node, browsers, Workers',
    license: project.license,
    type: 'module',
    sideEffects: false,
    // Promise.withResolvers
    engines: { node: '>=22' },
    files: ['lib', 'darkroom.js'],
    exports: {
      ...Object.fromEntries(
        Object.entries(entries).map(([entry, module]) => [entry, { types: `${module}.d.ts`, default: `${module}.js` }]),
      ),
      './darkroom.js': { types: `${entries['.']}.d.ts`, default: './darkroom.js' },
      './package.json': './package.json',
    },
    dependencies: versions(packages.filter(name => !peers.includes(name))),
    ...(own.length > 0 && {
      peerDependencies: versions(own),
      peerDependenciesMeta: Object.fromEntries(own.map(name => [name, { optional: true }])),
    }),
  };
}
