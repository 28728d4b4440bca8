/** A smooth function of many variables: its value at a point, and its gradient, which is written into `gradient`. */
export type Smooth = (point: Float64Array, gradient: Float64Array) => number;

/** How many of the last steps the curvature is read from. */
const REMEMBERED = 10;
/** The share of the promised descent that a step must bring (Nocedal and Wright's c₁). */
const ENOUGH = 1e-4;

interface Step {
  /** s = xₖ₊₁ − xₖ */
  readonly moved: Float64Array;
  /** y = ∇fₖ₊₁ − ∇fₖ */
  readonly turned: Float64Array;
  /** ρ = 1 / yᵀs */
  readonly rho: number;
}

/**
 * The lowest point of a convex function, by L-BFGS with a backtracking line search (Nocedal and Wright, "Numerical
 * Optimization", 2nd edition, algorithms 7.4, 7.5 and 3.1). Begins at 0.
 * @param tolerance done when no entry of the gradient is larger
 * @param most steps after which it stops even so
 */
export function minimise(smooth: Smooth, variables: number, tolerance = 1e-4, most = 300): Float64Array {
  let point = new Float64Array(variables);
  let gradient = new Float64Array(variables);
  let value = smooth(point, gradient);
  const steps: Step[] = [];
  for (let count = 0; count < most && largest(gradient) > tolerance; count++) {
    const direction = descent(gradient, steps);
    const slope = dot(direction, gradient);
    // Nothing is known of the curvature before the first step: it is made short.
    let length = steps.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(gradient, gradient)));
    const next = new Float64Array(variables);
    const nextGradient = new Float64Array(variables);
    let nextValue: number;
    for (;;) {
      for (let i = 0; i < variables; i++) next[i] = point[i]! + length * direction[i]!;
      nextValue = smooth(next, nextGradient);
      if (nextValue <= value + ENOUGH * length * slope) break;
      length /= 2;
      // Rounding hides what is left to win.
      if (length < 1e-12) return point;
    }
    const moved = next.map((x, i) => x - point[i]!);
    const turned = nextGradient.map((x, i) => x - gradient[i]!);
    const curvature = dot(moved, turned);
    if (curvature > 0) steps.push({ moved, turned, rho: 1 / curvature });
    if (steps.length > REMEMBERED) steps.shift();
    [point, gradient, value] = [next, nextGradient, nextValue];
  }
  return point;
}

/** −H∇f by the two loops of algorithm 7.4, where H is the inverse Hessian as the steps let it be seen. */
function descent(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const direction = gradient.map(x => -x);
  const shares: number[] = [];
  for (const { moved, turned, rho } of steps.toReversed()) {
    const share = rho * dot(moved, direction);
    add(direction, -share, turned);
    shares.push(share);
  }
  const last = steps.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.turned, last.turned));
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  for (const { moved, turned, rho } of steps) add(direction, shares.pop()! - rho * dot(turned, direction), moved);
  return direction;
}

function add(to: Float64Array, factor: number, what: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * what[i]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
