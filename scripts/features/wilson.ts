const Z = 1.959964;

/** The 95 % interval of a share that was right `right` times of `total` (Wilson 1927). */
export function wilsonInterval(right: number, total: number): readonly [low: number, high: number] {
  const share = right / total;
  const middle = share + Z ** 2 / (2 * total);
  const reach = Z * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2));
  const whole = 1 + Z ** 2 / total;
  return [Math.max(0, (middle - reach) / whole), Math.min(1, (middle + reach) / whole)];
}
