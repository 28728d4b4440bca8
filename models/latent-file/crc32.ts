const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let i = 0; i < 8; i++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb8_8320 : rest >>> 1;
  return rest;
});

/** CRC-32 of several pieces as if they were one, as zlib and PNG have it: every changed bit changes it. */
export function crc32(...pieces: readonly Uint8Array[]): number {
  let rest = 0xffff_ffff;
  for (const piece of pieces) for (const byte of piece) rest = table[(rest ^ byte) & 0xff]! ^ (rest >>> 8);
  return (rest ^ 0xffff_ffff) >>> 0;
}
