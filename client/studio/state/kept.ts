/** What the browser keeps over a reload. It may refuse to: then nothing is kept, and nothing else goes wrong. */

export function readKept(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(`darkroom.${key}`) ?? 'null');
  } catch {
    return null;
  }
}

export function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(`darkroom.${key}`, JSON.stringify(value));
  } catch {
    // A private window, or no room.
  }
}
