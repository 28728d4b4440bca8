/**
 * An ONNX model as data, and its bytes. Opset 21, IR version 10.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (field numbers), docs/ExternalData.md
 */
import { ProtobufWriter } from './protobuf.ts';

/** `TensorProto.DataType`. */
export const elementTypes = { FLOAT: 1, INT32: 6, INT64: 7, BOOL: 9, FLOAT16: 10, BFLOAT16: 16 } as const;

export type ElementType = keyof typeof elementTypes;

export type Attribute = number | string | readonly number[] | { readonly float: number } | { readonly graph: Subgraph };

export interface Node {
  /** An operator of ONNX's own domain, e.g. `Conv`. */
  readonly operator: string;
  /** An empty name is an optional input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A graph input or output. A string is a dimension that is only known when the graph runs. */
export interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string)[];
}

/** A tensor inside the model: small constants. */
export interface Constant {
  readonly name: string;
  readonly type: 'FLOAT' | 'INT64';
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
}

/** A tensor whose bytes stay where they are: `length` bytes from `offset` of the file `location`. */
export interface ExternalTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** What an operator such as `Loop` does: it sees the values of the graph around it. */
export interface Subgraph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

export interface Model extends Subgraph {
  readonly constants: readonly Constant[];
  readonly externals: readonly ExternalTensor[];
}

const irVersion = 10;
const opset = 21;

/** The model as the bytes of a ModelProto. */
export function encodeModel(model: Model): Uint8Array<ArrayBuffer> {
  return new ProtobufWriter()
    .integer(1, irVersion)
    .text(2, 'darkroom')
    .message(7, graph => writeGraph(graph, model))
    .message(8, version => version.text(1, '').integer(2, opset))
    .bytes();
}

function writeGraph(graph: ProtobufWriter, model: Subgraph & Partial<Model>): void {
  const { constants = [], externals = [] } = model;
  for (const node of model.nodes) graph.message(1, writer => writeNode(writer, node));
  graph.text(2, model.name);
  for (const constant of constants) graph.message(5, writer => writeConstant(writer, constant));
  for (const external of externals) graph.message(5, writer => writeExternal(writer, external));
  for (const input of model.inputs) graph.message(11, writer => writePort(writer, input));
  for (const output of model.outputs) graph.message(12, writer => writePort(writer, output));
}

function writeNode(writer: ProtobufWriter, node: Node): void {
  for (const input of node.inputs) writer.text(1, input);
  for (const output of node.outputs) writer.text(2, output);
  // What it makes is a name that no other node has.
  writer.text(3, `${node.operator} ${node.outputs[0]}`).text(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes)) {
    writer.message(5, attribute => writeAttribute(attribute.text(1, name), value));
  }
}

/** `AttributeProto`: 2 float, 3 int, 4 string, 6 graph, 8 ints; 20 says which of them it is. */
function writeAttribute(attribute: ProtobufWriter, value: Attribute): void {
  if (typeof value === 'number') attribute.integer(3, value).integer(20, 2);
  else if (typeof value === 'string') attribute.text(4, value).integer(20, 3);
  else if ('float' in value) attribute.float(2, value.float).integer(20, 1);
  else if ('graph' in value) attribute.message(6, graph => writeGraph(graph, value.graph)).integer(20, 5);
  else {
    for (const item of value) attribute.integer(8, item);
    attribute.integer(20, 7);
  }
}

function writeConstant(tensor: ProtobufWriter, { name, type, dims, bytes }: Constant): void {
  for (const size of dims) tensor.integer(1, size);
  tensor.integer(2, elementTypes[type]).text(8, name).delimited(9, bytes);
}

function writeExternal(tensor: ProtobufWriter, external: ExternalTensor): void {
  for (const size of external.dims) tensor.integer(1, size);
  tensor.integer(2, elementTypes[external.type]).text(8, external.name);
  for (const key of ['location', 'offset', 'length'] as const) {
    tensor.message(13, entry => entry.text(1, key).text(2, String(external[key])));
  }
  tensor.integer(14, 1);
}

/** `ValueInfoProto`: name, then a tensor type with its shape. */
function writePort(port: ProtobufWriter, { name, type, dims }: Port): void {
  port.text(1, name).message(2, valueType =>
    valueType.message(1, tensorType =>
      tensorType.integer(1, elementTypes[type]).message(2, shape => {
        for (const size of dims) {
          shape.message(1, dimension => {
            if (typeof size === 'number') dimension.integer(1, size);
            else dimension.text(2, size);
          });
        }
      }),
    ),
  );
}
