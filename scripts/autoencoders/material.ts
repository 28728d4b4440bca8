import sharp from 'sharp';
import { ApiError, type DarkroomApi } from '../darkroom-api.ts';
import { exhibit, heldOutScenes } from '../exhibits.ts';
import type { Material } from './chapter.ts';

/** What all chapters begin with. @throws ApiError where the checkpoint has no embedder */
export async function gather(api: DarkroomApi): Promise<Material> {
  const { checkpoint } = await api.ask('{ checkpoint { name spaces defaults { width } } }');
  if (!checkpoint.spaces.includes('EMBEDDING')) throw new ApiError(`The checkpoint ${checkpoint.name} has no embedder`);
  const side: number = checkpoint.defaults.width;
  const fitted = async (file: Uint8Array) => sharp(file).resize(side, side).removeAlpha().png().toBuffer();
  const scenes = await heldOutScenes();
  return {
    api,
    side,
    scenes: await Promise.all(scenes.map(async scene => ({ ...scene, file: await fitted(scene.file) }))),
    foreign: {
      cat: await fitted(await exhibit('cat.webp')),
      'cup of coffee': await fitted(await exhibit('cup-of-coffee.webp')),
      text: await fitted(await exhibit('text.webp')),
    },
  };
}
