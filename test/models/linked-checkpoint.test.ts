/** A checkpoint as the cache of Hugging Face keeps it, on a real ONNX Runtime: every file a link to a blob elsewhere. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkpointFiles } from '../../gpu-backend/checkpoint-files.ts';
import { createOnnxRuntime } from '../../gpu-backend/onnxruntime-node.ts';
import { checkpointDigest } from '../../models/checkpoint/digest.ts';
import { readSafetensors, writeSafetensors } from '../../models/checkpoint/safetensors.ts';
import { StableDiffusionPipeline } from '../../models/pipeline.ts';
import { type Folder, onDisk, tinyFolder } from './tiny-checkpoint.ts';

const roots: string[] = [];
afterAll(() => Promise.all(roots.map(root => rm(root, { recursive: true }))));

/** Writes `blobs/<digest>` and `snapshots/main/<path>`, a link to it. @returns the snapshot's folder */
async function inCache(folder: Folder): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'darkroom-cache-'));
  roots.push(root);
  await mkdir(join(root, 'blobs'));
  const snapshot = join(root, 'snapshots', 'main');
  for (const [path, bytes] of folder) {
    const blob = join(root, 'blobs', createHash('sha256').update(bytes).digest('hex'));
    const link = join(snapshot, path);
    await writeFile(blob, bytes);
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(link), blob), link);
  }
  return snapshot;
}

/** Splits the UNet's weights into two files with an index. */
function sharded(folder: Folder): Folder {
  const base = 'diffusion_pytorch_model';
  const tensors = [...readSafetensors(folder.get(`unet/${base}.safetensors`)!)];
  const map: Record<string, string> = {};
  for (const part of [0, 1]) {
    const name = `${base}-0000${part + 1}-of-00002.safetensors`;
    const own = tensors.filter((_, i) => i % 2 === part);
    folder.set(`unet/${name}`, writeSafetensors(Object.fromEntries(own)));
    for (const [tensor] of own) map[tensor] = name;
  }
  folder.delete(`unet/${base}.safetensors`);
  const index = JSON.stringify({ weight_map: map });
  return folder.set(`unet/${base}.safetensors.index.json`, new TextEncoder().encode(index));
}

async function develop(root: string): Promise<{ digest: string; bytes: Uint8Array }> {
  const pipeline = await StableDiffusionPipeline.load(
    checkpointFiles(root),
    createOnnxRuntime({ folder: root, threads: 1 }),
  );
  try {
    const options = {
      seeds: [1],
      width: 8,
      height: 8,
      scheduler: pipeline.schedulerConfig,
      steps: 2,
      guidanceScale: 1,
    };
    const prompt = await pipeline.encodeText([[4, 2, 3, 5, 5]]);
    let bytes = new Uint8Array();
    for await (const { latent } of pipeline.denoise({ ...prompt, ...options })) {
      bytes = new Uint8Array((await pipeline.decodeToPixels(latent)).data);
    }
    return { digest: await checkpointDigest(pipeline.checkpoint), bytes };
  } finally {
    await pipeline.release();
  }
}

test.each([
  ['in one file', tinyFolder],
  ['in several', () => sharded(tinyFolder())],
])('runs as the folder itself does, with weights %s', async (_, folder) => {
  const plain = await onDisk(folder());
  roots.push(plain);
  expect(await develop(await inCache(folder()))).toEqual(await develop(plain));
});
