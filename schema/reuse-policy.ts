import { builder } from './builder.ts';
import type { ReusePolicy } from './context.ts';
import { RequestError } from './errors.ts';

export const ReusePolicyType = builder.enumType('ReusePolicy', {
  description: 'What may be used again of what was computed before.',
  values: {
    NONE: { value: 'NONE', description: 'Nothing: everything is computed.' },
    EXACT: { value: 'EXACT', description: 'What is the same to the byte.' },
    APPROXIMATE: {
      value: 'APPROXIMATE',
      description: 'Kept for steps of similar prompts, which this version cannot use.',
    },
  } as const,
});

/** @throws RequestError UNSUPPORTED */
export function readReuse(policy: 'NONE' | 'EXACT' | 'APPROXIMATE' | null | undefined): ReusePolicy {
  if (policy !== 'APPROXIMATE') return policy ?? 'EXACT';
  throw new RequestError(
    'UNSUPPORTED',
    'This version cannot use the steps of similar prompts: ask with reuse EXACT or NONE',
  );
}
