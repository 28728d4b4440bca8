import { Progress } from '../progress.ts';
import { darkroomResults } from './darkroom-pictures.ts';
import { diffusersResults } from './diffusers-pictures.ts';
import { isParity, type Judgement, judge } from './judgement.ts';
import type { ParityRequest, ParityResult, ParitySettings } from './request.ts';

/**
 * Has both make every picture, and prints how they compare.
 * @param requests each with its scheduler
 * @returns whether they are as near as they must be
 * @throws PythonError, CheckpointError, UnsupportedError, RangeError
 */
export async function compareRun(
  python: string,
  settings: ParitySettings,
  requests: readonly ParityRequest[],
): Promise<boolean> {
  const theirs = await diffusersResults(python, settings, requests, 'float32');
  const own: ParityResult[] = [];
  const progress = new Progress('Darkroom', requests.length);
  for await (const result of darkroomResults(settings, requests)) {
    own.push(result);
    progress.step();
  }
  const first = requests.map((_, i) => judge(own[i]!, theirs[i]!, null));
  const unlike = requests.filter((_, i) => first[i]!.verdict !== 'same');
  const exact = unlike.length > 0 ? await diffusersResults(python, settings, unlike, 'float64') : [];
  const judgements = requests.map((request, i) => {
    const place = unlike.indexOf(request);
    return place < 0 ? first[i]! : judge(own[i]!, theirs[i]!, exact[place]!.latent);
  });
  for (const [i, judgement] of judgements.entries()) {
    if (judgement.verdict !== 'same') console.log(pictureLine(requests[i]!, judgement));
  }
  console.log(table(requests, judgements));
  const failed = judgements.filter(({ verdict }) => verdict === 'off').length;
  console.log(`${judgements.length - failed} passed, ${failed} failed`);
  return isParity(judgements);
}

function pictureLine({ prompt, negativePrompt, seed, scheduler }: ParityRequest, judgement: Judgement): string {
  const { bytes, distances, verdict } = judgement;
  const texts = `"${prompt}"${negativePrompt && ` (not: "${negativePrompt}")`}`;
  const [own, theirs] = [distances?.darkroom, distances?.diffusers].map(far => far?.toExponential(2));
  const far = `latent ${own} from float64, diffusers in float32 ${theirs}`;
  return `${verdict.padEnd(4)}  ${scheduler} seed ${seed} ${texts}: ${bytes.largest}, ${percent(bytes.share)}; ${far}`;
}

/** A line for each scheduler. */
function table(requests: readonly ParityRequest[], judgements: readonly Judgement[]): string {
  const head = ['', 'same', 'near', 'off', 'largest difference', 'most bytes different'];
  const schedulers = [...new Set(requests.map(({ scheduler }) => scheduler))];
  const rows = schedulers.map(scheduler => {
    const own = judgements.filter((_, i) => requests[i]!.scheduler === scheduler);
    const count = (verdict: string) => String(own.filter(each => each.verdict === verdict).length);
    const most = (of: (each: Judgement) => number) => own.reduce((highest, each) => Math.max(highest, of(each)), 0);
    return [
      String(scheduler),
      count('same'),
      count('near'),
      count('off'),
      String(most(({ bytes }) => bytes.largest)),
      percent(most(({ bytes }) => bytes.share)),
    ];
  });
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map(row => row[column]!.length)));
  const lines = all.map(row => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))));
  return `\n${lines.map(cells => cells.join('  ').trimEnd()).join('\n')}\n`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)} %`;
}
