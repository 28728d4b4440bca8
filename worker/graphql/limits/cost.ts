import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { costOf, type Size } from '../../../schema/field-cost.ts';
import { type QueryLimits, tooComplex } from './limits.ts';

/** What a selection set costs, lists counted at the sizes that were asked for. */
interface Cost {
  readonly fields: number;
  readonly inlineImages: number;
}

const NOTHING: Cost = { fields: 0, inlineImages: 0 };

/** Never below zero: a field would pay for its neighbours. */
function sizeOf(size: Size, args: () => Record<string, unknown>): number {
  try {
    return Math.max(0, size(args()));
  } catch (error) {
    // Null for what must not be null: execution refuses the field in better words, and runs nothing below it.
    if (error instanceof GraphQLError) return 0;
    throw error;
  }
}

/**
 * Adds up what a valid operation asks for with these variables. Each fragment is added up once, however often it is
 * spread.
 *
 * @param variables as graphql-js has coerced them
 * @returns the limit that is exceeded, or null
 */
export function costError(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  limits: QueryLimits,
): GraphQLError | null {
  const root = schema.getRootType(operation.operation);
  if (!root) return null;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const known = new Map<string, Cost>();

  const ofFragment = (name: string): Cost => {
    let cost = known.get(name);
    const fragment = fragments.get(name);
    if (!cost && fragment) {
      const type = schema.getType(fragment.typeCondition.name.value);
      cost = ofSelections(fragment.selectionSet, type);
      known.set(name, cost);
    }
    return cost ?? NOTHING;
  };
  const ofField = (node: FieldNode, parent: GraphQLNamedType | undefined): Cost => {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    // `__typename` and the schema's description of itself.
    if (!field) return { fields: 1, inlineImages: 0 };
    const { size, inlineSize = size, inlinesImage } = costOf(field.extensions as Record<string, unknown>);
    const below = node.selectionSet ? ofSelections(node.selectionSet, getNamedType(field.type)) : NOTHING;
    const times = (size: Size | undefined) =>
      size ? sizeOf(size, () => getArgumentValues(field, node, variables)) : 1;
    return {
      fields: 1 + times(size) * below.fields,
      inlineImages: (inlinesImage ? 1 : 0) + times(inlineSize) * below.inlineImages,
    };
  };
  const ofSelection = (node: SelectionNode, parent: GraphQLNamedType | undefined): Cost => {
    if (isLeftOut(node)) return NOTHING;
    if (node.kind === Kind.FIELD) return ofField(node, parent);
    if (node.kind === Kind.FRAGMENT_SPREAD) return ofFragment(node.name.value);
    const type = node.typeCondition ? schema.getType(node.typeCondition.name.value) : parent;
    return ofSelections(node.selectionSet, type);
  };
  const ofSelections = ({ selections }: SelectionSetNode, parent: GraphQLNamedType | undefined): Cost => {
    let { fields, inlineImages } = NOTHING;
    for (const node of selections) {
      const cost = ofSelection(node, parent);
      fields += cost.fields;
      inlineImages += cost.inlineImages;
    }
    return { fields, inlineImages };
  };
  const isLeftOut = (node: SelectionNode): boolean =>
    getDirectiveValues(GraphQLSkipDirective, node, variables)?.if === true ||
    getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if === false;

  const { fields, inlineImages } = ofSelections(operation.selectionSet, root);
  if (inlineImages > limits.inlineImages) return tooComplex('images as dataUri', inlineImages, limits.inlineImages);
  if (fields > limits.cost) return tooComplex('fields, lists counted in full', fields, limits.cost);
  return null;
}
