import type { GenerateInput } from '../../schema/generate-input.ts';

/** What an interface calls the fields of `GenerateInput` that it has. */
export type FieldNames = Readonly<Partial<Record<keyof GenerateInput, string>>>;
