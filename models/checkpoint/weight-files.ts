import { CheckpointError } from './error.ts';

/** The variants that are the same weights in fewer bits, what is preferred first. */
const narrower = ['fp16', 'bf16'];

/**
 * The file that holds or lists a component's weights, by the names diffusers gives them:
 *
 *     diffusion_pytorch_model.safetensors             one file
 *     diffusion_pytorch_model.safetensors.index.json  a list of which tensor is in which of several files
 *     diffusion_pytorch_model.fp16.safetensors        a variant; of these, an index is named in either of two ways
 *
 * The plain one where it is there, else a variant.
 * @param folder the component's
 * @param base e.g. `diffusion_pytorch_model`
 * @throws CheckpointError when there is none, or several variants and no telling which is meant
 */
export function findWeights(paths: ReadonlySet<string>, folder: string, base: string): string {
  const wanted = `${folder}/${base}.safetensors`;
  const plain = [wanted, `${wanted}.index.json`].find(path => paths.has(path));
  if (plain) return plain;
  const beside = [...paths].filter(path => path.startsWith(`${folder}/`)).map(path => path.slice(folder.length + 1));
  const variants = new Map(
    beside.flatMap(name => {
      const variant = variantOf(name, base);
      return variant === null ? [] : [[variant, `${folder}/${name}`] as const];
    }),
  );
  const known = narrower.find(variant => variants.has(variant));
  if (known) return variants.get(known)!;
  const [only, ...others] = variants.values();
  if (only && others.length === 0) return only;
  if (only) throw new CheckpointError(wanted, null, 'one file', `variants ${[...variants.keys()].sort().join(', ')}`);
  const pickle = beside.find(name => /\.(bin|ckpt|pt|pth|msgpack|h5)$/.test(name));
  const found = pickle ? `${pickle}, which can run code when it is read: save it as safetensors` : 'none';
  throw new CheckpointError(wanted, null, 'a file', found);
}

/** `fp16` of `model.fp16.safetensors`, `model.fp16.safetensors.index.json` or `model.safetensors.index.fp16.json`. */
function variantOf(name: string, base: string): string | null {
  if (!name.startsWith(`${base}.`)) return null;
  const rest = name.slice(base.length + 1);
  const [, before, after] =
    /^([\w-]+)\.safetensors(?:\.index\.json)?$/.exec(rest) ?? /^()safetensors\.index\.([\w-]+)\.json$/.exec(rest) ?? [];
  const variant = before || after;
  // `model.fp16-00001-of-00002.safetensors` is a part of a variant that has an index.
  return variant === undefined || /-\d+-of-\d+$/.test(variant) ? null : variant;
}
