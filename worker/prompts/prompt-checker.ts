import { mostPromptCharacters, promptFaults } from '../../models/prompt-faults.ts';
import type { InputIssue, PromptReport, PromptService } from '../../schema/context.ts';
import type { CheckpointCard } from '../../wire/card.ts';
import type { BlockList } from './block-list.ts';
import { CheckpointText } from './checkpoint-text.ts';

/** How many checkpoints' tokenizers are kept: the few that are in use. */
const KEPT_CHECKPOINTS = 4;

/**
 * Says of a prompt whether and how it will be used, with nothing but the checkpoint's card: no backend is asked. Lives
 * as long as the worker, so that a checkpoint's tokenizers are made once.
 */
export class PromptChecker implements PromptService {
  readonly maxCharacters: number;
  readonly #blockList: BlockList;
  readonly #texts = new Map<string, CheckpointText>();

  constructor(options: { readonly blockList: BlockList; readonly maxCharacters?: number }) {
    this.maxCharacters = options.maxCharacters ?? mostPromptCharacters;
    this.#blockList = options.blockList;
  }

  check(card: CheckpointCard, prompt: string, negativePrompt: string): PromptReport {
    const invalid = [...this.#faults('prompt', prompt, true), ...this.#faults('negativePrompt', negativePrompt, false)];
    // Texts with such faults are neither tokenised nor searched: they may be huge or no text at all.
    if (invalid.length > 0) return { ...UNREAD, code: 'PROMPT_INVALID', errors: invalid };
    const refused = [...this.#refusals('prompt', prompt), ...this.#refusals('negativePrompt', negativePrompt)];
    const text = this.#textOf(card);
    const read = text.read(prompt);
    const negative = text.read(negativePrompt);
    return {
      allowed: refused.length === 0,
      code: refused.length === 0 ? null : 'PROMPT_REFUSED',
      tokens: read.tokens,
      tokenIds: read.tokenIds,
      modelTokenIds: read.modelTokenIds,
      modelNegativeTokenIds: negative.modelTokenIds,
      truncated: read.truncated || negative.truncated,
      unknownWords: text.advice?.unknownWords(prompt) ?? [],
      errors: refused,
    };
  }

  #faults(name: string, text: string, required: boolean): InputIssue[] {
    return promptFaults(name, text, required, this.maxCharacters).map(message => ({ path: [name], message }));
  }

  #refusals(name: string, text: string): InputIssue[] {
    return this.#blockList
      .find(text)
      .map(term => ({ path: [name], message: `${name} has what this server does not accept: ${term}` }));
  }

  #textOf(card: CheckpointCard): CheckpointText {
    let text = this.#texts.get(card.digest);
    if (!text) {
      text = new CheckpointText(card);
      const oldest = this.#texts.keys().next().value;
      if (this.#texts.size >= KEPT_CHECKPOINTS && oldest !== undefined) this.#texts.delete(oldest);
      this.#texts.set(card.digest, text);
    }
    return text;
  }
}

/** What is known of a text that was not read. */
const UNREAD = {
  allowed: false,
  tokens: [],
  tokenIds: [],
  modelTokenIds: [],
  modelNegativeTokenIds: [],
  truncated: false,
  unknownWords: [],
} as const;
