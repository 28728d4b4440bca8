/**
 * An arithmetic coder of binary decisions with 32-bit bounds, which needs no carry: bytes on which both bounds agree are
 * final. Source: the carryless coder of Mahoney 2005, "Adaptive weighing of context models for lossless data compression",
 * Florida Tech. technical report CS-2005-16.
 */

/** A probability is a whole number of this many parts, 1 to one less. */
export const probabilityParts = 65_536;

/** Codes one decision after the other; an encoder and a decoder of the same model make the same calls. */
export interface BinaryCoder {
  /**
   * @param bit what is to be written; a decoder does not look at it
   * @param parts the probability that the bit is 1, of `probabilityParts`
   * @returns the bit that was written or read
   */
  code(bit: boolean, parts: number): boolean;
}

/** Codes a whole number below 2^bits of which every one is as likely, its highest bit first. @returns the number */
export function codeNumber(coder: BinaryCoder, number: number, bits: number): number {
  let coded = 0;
  for (let bit = bits - 1; bit >= 0; bit--) {
    coded = 2 * coded + (coder.code(((number >> bit) & 1) === 1, probabilityParts / 2) ? 1 : 0);
  }
  return coded;
}

/** Where the interval of 1 ends: the higher the probability, the more of the interval. */
function split(low: number, high: number, parts: number): number {
  return low + Math.floor(((high - low) * parts) / probabilityParts);
}

const allOnes = 0xffff_ffff;

function agree(low: number, high: number): boolean {
  return (low ^ high) >>> 24 === 0;
}

export class RangeEncoder implements BinaryCoder {
  readonly #bytes: number[] = [];
  #low = 0;
  #high = allOnes;

  code(bit: boolean, parts: number): boolean {
    const middle = split(this.#low, this.#high, parts);
    if (bit) this.#high = middle;
    else this.#low = middle + 1;
    while (agree(this.#low, this.#high)) {
      this.#bytes.push(this.#high >>> 24);
      this.#low = (this.#low << 8) >>> 0;
      this.#high = ((this.#high << 8) | 0xff) >>> 0;
    }
    return bit;
  }

  /** The fewest bytes that decode to what was written: a decoder reads zeros behind them. */
  finish(): Uint8Array {
    for (let kept = 0; kept <= 4; kept++) {
      const unit = 256 ** (4 - kept);
      const value = Math.ceil(this.#low / unit) * unit;
      if (value > this.#high) continue;
      for (let i = 0; i < kept; i++) this.#bytes.push(Math.floor(value / 256 ** (3 - i)) % 256);
      break;
    }
    while (this.#bytes.at(-1) === 0) this.#bytes.pop();
    return Uint8Array.from(this.#bytes);
  }
}

export class RangeDecoder implements BinaryCoder {
  readonly #bytes: Uint8Array;
  #position = 0;
  #low = 0;
  #high = allOnes;
  #value = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let i = 0; i < 4; i++) this.#shift();
  }

  code(_bit: boolean, parts: number): boolean {
    const middle = split(this.#low, this.#high, parts);
    const bit = this.#value <= middle;
    if (bit) this.#high = middle;
    else this.#low = middle + 1;
    while (agree(this.#low, this.#high)) {
      this.#low = (this.#low << 8) >>> 0;
      this.#high = ((this.#high << 8) | 0xff) >>> 0;
      this.#shift();
    }
    return bit;
  }

  #shift(): void {
    this.#value = ((this.#value << 8) | (this.#bytes[this.#position++] ?? 0)) >>> 0;
  }
}
