import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSafetensors } from '../../models/checkpoint/safetensors.ts';
import type { Tensor } from '../../models/runtime.ts';

/** A picture to be made: what `models/training/evaluation/prompts.py` asks for. */
export interface Asked {
  readonly prompt: string;
  readonly seed: number;
  /** Absent: the checkpoint's default. */
  readonly steps?: number;
}

/** What the evaluation wants of the checkpoint, drawn by `python -m evaluation draw`. */
export interface Job {
  readonly pictures: readonly Asked[];
  /** Pictures for the clock, the first of them to warm up; empty where speed is not asked for. */
  readonly timed: readonly Asked[];
  /** How many renderings lie in `references.safetensors`, for the autoencoder. */
  readonly references: number;
}

/** What became of it, for `python -m evaluation figures`; paths are relative to the job's folder. */
export interface Results {
  /** The checkpoint's digest. */
  readonly checkpoint: string;
  /** PNG files, in the job's order. */
  readonly pictures: readonly string[];
  readonly reconstructions: readonly string[];
  /** From prompt to pixels, for each picture of `timed` but the first. */
  readonly seconds: readonly number[];
  /** Where the seconds were measured. */
  readonly machine: { readonly processor: string; readonly cores: number; readonly load: number };
}

export function readJob(folder: string): Job {
  return JSON.parse(readFileSync(join(folder, 'job.json'), 'utf8')) as Job;
}

/** `[references, 128, 128, 3] uint8` */
export function readReferences(folder: string): Tensor<Uint8Array> {
  const file = readSafetensors(readFileSync(join(folder, 'references.safetensors')));
  return file.get('pictures') as Tensor<Uint8Array>;
}

export function writeResults(folder: string, results: Results): void {
  writeWhole(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
}

/** Writes a file so that whoever stops the program leaves all of it or nothing. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.tmp`, content);
  renameSync(`${path}.tmp`, path);
}
