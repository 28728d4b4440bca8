/** What modules import, read from compiled texts. */

/** Imports and exports from elsewhere, whole or by `import()`. */
const specifiers = /(?<=\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g;

/** Examples in comments import, too. */
const commentLines = /^\s*(\/?\*|\/\/).*$/gm;

/** Relative imports of `.ts` files become those of the `.js` files that were made of them. */
export function withJsEndings(text: string): string {
  return text.replaceAll(specifiers, (whole, quote: string, name: string) =>
    name.startsWith('.') && name.endsWith('.ts') ? `${quote}${name.slice(0, -3)}.js${quote}` : whole,
  );
}

/** The packages that modules import, sorted. */
export function packagesOf(texts: readonly string[]): string[] {
  const code = texts.map(text => text.replaceAll(commentLines, ''));
  const names = code.flatMap(text => [...text.matchAll(specifiers)].map(([, , name]) => name!));
  const packages = names
    .filter(name => !name.startsWith('.'))
    .map(name =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return [...new Set(packages)].sort();
}
