/** What the WebAssembly codecs' own glue makes of a module. */
export type CodecFactory<Codec> = (options: object) => Promise<Codec>;

/** Workers compile WebAssembly when they are deployed and forbid it later: the module is handed in, not fetched. */
export function instantiate<Codec>(factory: CodecFactory<Codec>, wasm: WebAssembly.Module): Promise<Codec> {
  const quiet = () => {};
  return factory({
    noInitialRun: true,
    print: quiet,
    printErr: quiet,
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
      const instance = new WebAssembly.Instance(wasm, imports);
      done(instance);
      return instance.exports;
    },
  });
}
