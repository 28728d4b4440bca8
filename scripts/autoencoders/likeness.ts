/** Similar data, similar encodings: what is nearest to what, in two spaces. */
import type { DarkroomApi } from '../darkroom-api.ts';
import type { Scene } from '../exhibits.ts';
import { markdownTable } from '../markdown-table.ts';
import { type Made, type Material, shown } from './chapter.ts';
import { encode } from './laboratory.ts';
import { laidOut } from './layout.ts';

type Space = 'LATENT' | 'EMBEDDING';

/** Whose neighbours are shown. */
const QUERIES = ['parrot', 'rocket', 'strawberry', 'ghost'];
const NEIGHBOURS = 4;

export async function likeness({ api, scenes }: Material): Promise<Made> {
  const single = scenes.filter(({ thing }) => thing !== null);
  const byKey = new Map<string, Scene>();
  for (const scene of single) byKey.set(await encode(api, scene.file), scene);
  const neighbours = new Map<Scene, Record<Space, Scene[]>>();
  for (const [key, scene] of byKey) {
    const found = {
      LATENT: await nearest(api, key, 'LATENT', byKey),
      EMBEDDING: await nearest(api, key, 'EMBEDDING', byKey),
    };
    neighbours.set(scene, found);
  }

  const pictures = new Map<string, Uint8Array>();
  const rows: string[][] = [];
  for (const thing of QUERIES) {
    const scene = single.find(scene => scene.thing === thing)!;
    const { LATENT, EMBEDDING } = neighbours.get(scene)!;
    const slug = `neighbours-${thing}`;
    pictures.set(slug, await laidOut([[scene.file]], 96));
    const strip = async (space: Space, found: readonly Scene[]) => {
      const first = found.slice(0, NEIGHBOURS);
      const name = `${slug}-${space.toLowerCase()}`;
      pictures.set(name, await laidOut([first.map(({ file }) => file)], 96));
      return shown(name, 340, first.map(({ caption }) => caption).join('; '));
    };
    rows.push([shown(slug, 80, scene.caption), await strip('LATENT', LATENT), await strip('EMBEDDING', EMBEDDING)]);
  }
  const table = markdownTable(
    ['picture', 'nearest by its code (`LATENT`)', 'nearest by what it shows (`EMBEDDING`)'],
    rows,
  );

  const share = (space: Space, isAlike: (a: Scene, b: Scene) => boolean) => {
    const alike = single.filter(scene => isAlike(scene, neighbours.get(scene)![space][0]!)).length;
    return `${alike} of ${single.length}`;
  };
  const sameThing = (a: Scene, b: Scene) => a.thing === b.thing;
  const sameGround = (a: Scene, b: Scene) => a.background === b.background;
  const figures = markdownTable(
    ['the nearest other picture has', '`LATENT`', '`EMBEDDING`'],
    [
      ['the same thing', share('LATENT', sameThing), share('EMBEDDING', sameThing)],
      ['the same background', share('LATENT', sameGround), share('EMBEDDING', sameGround)],
    ],
  );
  return { pictures, parts: { neighbours: table, 'neighbours in figures': figures } };
}

/** Of the scenes, nearest first. The server may hold other latents as well, which are left out. */
async function nearest(
  api: DarkroomApi,
  key: string,
  space: Space,
  byKey: ReadonlyMap<string, Scene>,
): Promise<Scene[]> {
  const query = `query ($key: String!) { latent(key: $key) { similar(space: ${space}, first: 100) { edges { node { key } } } } }`;
  const { latent } = await api.ask(query, { key });
  return latent.similar.edges.flatMap(({ node }: { node: { key: string } }) => byKey.get(node.key) ?? []);
}
