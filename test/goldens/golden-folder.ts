import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ZodType } from 'zod';
import { parsePythonJson } from '../../models/checkpoint/python-json.ts';
import { GoldenTensors } from './golden-tensors.ts';

/** A file of a golden folder that is not there or not what it should be. */
export class GoldenError extends Error {
  override readonly name = 'GoldenError';
}

/** A folder of reference data, in the layout that `test/goldens/README.md` describes. Paths are relative to it. */
export class GoldenFolder {
  readonly root: string;
  readonly #tensors = new Map<string, GoldenTensors>();

  /** @throws GoldenError when there is no such folder */
  constructor(root: string) {
    if (!existsSync(root) || !statSync(root).isDirectory()) throw new GoldenError(`${root}: no such folder`);
    this.root = root;
  }

  /** On this machine's disk. */
  path(path: string): string {
    return join(this.root, path);
  }

  has(path: string): boolean {
    return existsSync(this.path(path));
  }

  /** Names of the files and folders in a folder, sorted; none where the folder is not there. */
  list(path: string): readonly string[] {
    const folder = this.path(path);
    return existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder).sort() : [];
  }

  /** Files of a folder that end so, as paths. */
  filesEnding(ending: string, path: string): readonly string[] {
    return this.list(path).flatMap(name => (name.endsWith(ending) ? [`${path}/${name}`] : []));
  }

  /** @throws GoldenError when it cannot be read, is not JSON, or lacks what the schema asks for */
  json<T>(path: string, schema: ZodType<T>): T {
    let value: unknown;
    try {
      value = parsePythonJson(this.#read(path).toString('utf8'));
    } catch (error) {
      if (error instanceof GoldenError) throw error;
      throw new GoldenError(`${path}: not JSON: ${(error as Error).message}`);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new GoldenError(`${path}: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}`);
  }

  /** Every tensor of a safetensors file, read once. @throws GoldenError when it is not one */
  tensors(path: string): GoldenTensors {
    const known = this.#tensors.get(path);
    if (known) return known;
    const tensors = GoldenTensors.read(path, this.#read(path));
    this.#tensors.set(path, tensors);
    return tensors;
  }

  #read(path: string): Buffer {
    try {
      return readFileSync(this.path(path));
    } catch (error) {
      throw new GoldenError(`${path}: ${(error as Error).message}`);
    }
  }
}
