/**
 * GraphiQL as static files: page, program and styles apart, so that a Content-Security-Policy without inline scripts
 * fits it, and so that nine megabytes stay out of the worker.
 */
import { createHash } from 'node:crypto';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

const firstQuery = `# Press the button: one mutation makes one picture.
mutation {
  generate(input: { prompt: "a red apple on a blue background", wait: 30000 }) {
    ... on GenerateSuccess {
      generation {
        status
        images { url }
        failure { code message }
      }
    }
    ... on Error { code message }
  }
}
`;

/** The files by name. Program and styles carry their digest in the name: they may be cached for ever. */
export function graphiqlFiles(): Record<string, string> {
  const page = renderGraphiQL({ title: 'Darkroom', endpoint: '/graphql', defaultQuery: firstQuery });
  const css = between(page, '<style>', '</style>');
  const js = between(page.slice(page.indexOf('<div id="root">')), '<script>', '</script>', true);
  const program = `graphiql-${digest(js)}.js`;
  const styles = `graphiql-${digest(css)}.css`;
  return {
    'graphiql.html': html(program, styles),
    [program]: js,
    [styles]: css,
  };
}

function html(program: string, styles: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Darkroom</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/${styles}">
</head>
<body id="body" class="no-focus-outline">
<noscript>GraphiQL needs JavaScript.</noscript>
<div id="root"></div>
<script src="/assets/${program}"></script>
</body>
</html>
`;
}

function between(text: string, start: string, end: string, last = false): string {
  const from = text.indexOf(start) + start.length;
  const to = last ? text.lastIndexOf(end) : text.indexOf(end, from);
  if (from < start.length || to < from) throw new Error(`GraphiQL's page has no ${start} any more`);
  return text.slice(from, to);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
