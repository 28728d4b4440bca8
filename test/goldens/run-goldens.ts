import { GoldenFolder } from './golden-folder.ts';
import { compareComponents } from './kinds/components.ts';
import { compareDtypes } from './kinds/dtype.ts';
import { compareImageToImage } from './kinds/img2img.ts';
import { comparePipelines } from './kinds/pipelines.ts';
import { compareRandn } from './kinds/randn.ts';
import { compareResizes } from './kinds/resize.ts';
import { compareSchedulers } from './kinds/schedulers.ts';
import { compareTokenizers } from './kinds/tokenizer.ts';
import { Report } from './report.ts';

const comparisons: Readonly<Record<string, (folder: GoldenFolder, report: Report) => Promise<void>>> = {
  tokenizer: compareTokenizers,
  randn: compareRandn,
  resize: compareResizes,
  schedulers: compareSchedulers,
  components: compareComponents,
  dtype: compareDtypes,
  pipelines: comparePipelines,
  img2img: compareImageToImage,
};

/** What a folder of goldens may hold that is not compared here: weights, files that `worker/images` reads, descriptions. */
const notData = /^(checkpoints|pictures|README\.md|MANIFEST\.json|\..*)$/;

/**
 * Compares Darkroom with everything a folder of reference data holds.
 * @throws GoldenError when there is no such folder; whatever is wrong inside it is a failure of the report
 */
export async function runGoldens(root: string): Promise<Report> {
  const folder = new GoldenFolder(root);
  const report = new Report();
  for (const [name, compare] of Object.entries(comparisons)) {
    if (folder.has(name)) await report.attempt(name, name, () => compare(folder, report));
  }
  for (const name of folder.list('.')) {
    if (!Object.hasOwn(comparisons, name) && !notData.test(name)) report.skip(`data of the kind ${name}`, name, name);
  }
  return report;
}
