/** What a contact sheet's generations tell of it: the same pictures and words each time it is drawn. */
import type { SheetAxis } from '../../schema/contact-sheet-service.ts';
import type { GenerationParameters, GenerationState, Pixels } from '../../schema/context.ts';
import type { SheetAxes } from './contact-sheet-rows.ts';
import type { CellContent } from './draw-sheet.ts';
import type { SheetContent } from './layout.ts';

/** @param cells of ended generations, row by row */
export function contentOf(axes: SheetAxes, [first]: readonly GenerationState[]): SheetContent {
  const { prompt, parameters } = first!;
  const { width, height } = parameters;
  const varies = variesIn(axes);
  return {
    axes,
    cell: { width, height },
    prompt: varies('PROMPT') ? null : prompt,
    settings: settings(parameters, varies),
  };
}

/** What the generation has made, or that it has nothing. @param pixels of the latent with a key */
export function cellOf(
  { images: [image], status }: GenerationState,
  pixels: (latentKey: string) => Promise<Pixels>,
): CellContent {
  return { pixels: image ? () => pixels(image.latentKey) : null, absence: status.toLowerCase() };
}

/** As JSON for the PNG's text: what it takes to ask for the sheet again. ASCII only. */
export function sheetText(axes: SheetAxes, [first]: readonly GenerationState[]): string {
  const { prompt, negativePrompt, parameters } = first!;
  const { isSeedDrawn: _, ...shared } = parameters;
  const text = JSON.stringify({ version: 1, contactSheet: axes, base: { prompt, negativePrompt, ...shared } });
  return text.replaceAll(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

type Varies = (parameter: SheetAxis['parameter']) => boolean;

function variesIn({ x, y }: SheetAxes): Varies {
  return parameter => x.parameter === parameter || y?.parameter === parameter;
}

function settings(parameters: GenerationParameters, varies: Varies): string[] {
  const { checkpoint, width, height, scheduler, steps, guidanceScale, seed, start } = parameters;
  return [
    checkpoint,
    ...(varies('SCHEDULER') ? [] : [scheduler]),
    ...(varies('STEPS') ? [] : [`${steps} steps`]),
    ...(varies('GUIDANCE_SCALE') ? [] : [`guidance scale ${guidanceScale}`]),
    ...(varies('SEED') ? [] : [`seed ${seed}`]),
    ...(!start || varies('STRENGTH') ? [] : [`strength ${start.strength}`]),
    `${width} × ${height}`,
  ];
}
