import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { type QueryLimits, tooComplex } from './limits.ts';

/** What a selection set amounts to once its fragments are written out. */
interface Shape {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
}

const NOTHING: Shape = { depth: 0, fields: 0, aliases: 0 };

/**
 * Measures a document before it is validated: validation itself takes time that grows with what is measured here. Each
 * fragment is measured once, however often it is spread.
 *
 * @returns the first limit that is exceeded, or null
 */
export function structureError(document: DocumentNode, limits: QueryLimits): GraphQLError | null {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const measured = new Map<string, Shape>();

  const ofFragment = (name: string): Shape => {
    const known = measured.get(name);
    if (known) return known;
    const fragment = fragments.get(name);
    if (!fragment) return NOTHING;
    // Stands for itself while it is measured: a cycle ends here, and validation refuses it.
    measured.set(name, NOTHING);
    const shape = ofSelections(fragment.selectionSet);
    measured.set(name, shape);
    return shape;
  };
  const ofSelection = (node: SelectionNode): Shape => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return ofFragment(node.name.value);
    if (node.kind === Kind.INLINE_FRAGMENT) return ofSelections(node.selectionSet);
    const below = node.selectionSet ? ofSelections(node.selectionSet) : NOTHING;
    // What the server says of its own schema is deep (`type { ofType { ofType …`) but small.
    const depth = node.name.value.startsWith('__') ? 1 : below.depth + 1;
    return { depth, fields: 1, aliases: below.aliases + (node.alias ? 1 : 0) };
  };
  const ofSelections = ({ selections }: SelectionSetNode): Shape => {
    let { depth, fields, aliases } = NOTHING;
    for (const node of selections) {
      const shape = ofSelection(node);
      depth = Math.max(depth, shape.depth);
      fields += shape.fields;
      aliases += shape.aliases;
    }
    return { depth, fields, aliases };
  };

  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, fields, aliases } = ofSelections(node.selectionSet);
    if (depth > limits.depth) return tooComplex('levels of fields', depth, limits.depth);
    if (fields > limits.rootFields) return tooComplex('root fields', fields, limits.rootFields);
    if (aliases > limits.aliases) return tooComplex('aliases', aliases, limits.aliases);
  }
  return null;
}
