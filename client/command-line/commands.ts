/** Every command there is. */
import type { Command } from './command.ts';
import { cancel } from './commands/cancel.ts';
import { check } from './commands/check.ts';
import { checkpoints } from './commands/checkpoints.ts';
import { classify } from './commands/classify.ts';
import { compress } from './commands/compress.ts';
import { decode } from './commands/decode.ts';
import { remove } from './commands/delete.ts';
import { discriminate } from './commands/discriminate.ts';
import { embed } from './commands/embed.ts';
import { encode } from './commands/encode.ts';
import { generate } from './commands/generate.ts';
import { interpolate } from './commands/interpolate.ts';
import { list } from './commands/list.ts';
import { random } from './commands/random.ts';
import { reconstruct } from './commands/reconstruct.ts';
import { serve } from './commands/serve.ts';
import { sheet } from './commands/sheet.ts';
import { show } from './commands/show.ts';
import { similar } from './commands/similar.ts';
import { vocabulary } from './commands/vocabulary.ts';
import { watch } from './commands/watch.ts';

export const commands: readonly Command[] = [
  generate,
  watch,
  list,
  show,
  cancel,
  remove,
  sheet,
  similar,
  encode,
  decode,
  compress,
  reconstruct,
  interpolate,
  random,
  discriminate,
  classify,
  embed,
  check,
  vocabulary,
  checkpoints,
  serve,
];
