import { ProtobufWriter } from '../../models/graph/protobuf.ts';

/** Field numbers of onnx.proto. */
const model = { graph: 7 } as const;
const graph = { node: 1, output: 12 } as const;
const node = { output: 2, operator: 4 } as const;
const valueInfo = { name: 1 } as const;

/** What computes shapes and indices rather than features: not worth a look. */
const withoutFeatures = new Set(['Shape', 'Constant', 'Gather', 'Slice', 'Unsqueeze', 'Cast']);

/**
 * The same ONNX model with the result of every inner node as one more output. A message that stands there twice is read
 * as both together, so the new outputs are simply put behind what is there.
 */
export function exposeIntermediates(bytes: Uint8Array): Uint8Array {
  const outputs = new ProtobufWriter();
  for (const graphBytes of fields(bytes, model.graph)) {
    for (const nodeBytes of fields(graphBytes, graph.node)) {
      const [operator] = fields(nodeBytes, node.operator);
      if (withoutFeatures.has(text(operator!))) continue;
      for (const name of fields(nodeBytes, node.output)) {
        outputs.message(graph.output, info => info.delimited(valueInfo.name, name));
      }
    }
  }
  const added = new ProtobufWriter().delimited(model.graph, outputs.bytes()).bytes();
  const both = new Uint8Array(bytes.byteLength + added.byteLength);
  both.set(bytes);
  both.set(added, bytes.byteLength);
  return both;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The length-delimited fields of that number in a protobuf message. */
function* fields(bytes: Uint8Array, wanted: number): Generator<Uint8Array> {
  const reader = { bytes, position: 0 };
  while (reader.position < bytes.byteLength) {
    const tag = varint(reader);
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        varint(reader);
        break;
      case 1:
        reader.position += 8;
        break;
      case 2: {
        const length = varint(reader);
        const value = bytes.subarray(reader.position, reader.position + length);
        reader.position += length;
        if (number === wanted) yield value;
        break;
      }
      case 5:
        reader.position += 4;
        break;
      default:
        throw new Error(`wire type ${tag % 8} in an ONNX model`);
    }
  }
}

function varint(reader: { readonly bytes: Uint8Array; position: number }): number {
  let value = 0;
  let factor = 1;
  for (;;) {
    const byte = reader.bytes[reader.position++]!;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
    factor *= 128;
  }
}
