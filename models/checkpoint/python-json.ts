/**
 * JSON as Python writes it: infinities and NaN are there by name. Outside of texts they become infinities and null, which
 * both are null once JSON is made of them again.
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const names = { Infinity: '1e999', '-Infinity': '-1e999', NaN: 'null' };
    return JSON.parse(
      text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/gs, match => names[match as keyof typeof names] ?? match),
    );
  }
}
