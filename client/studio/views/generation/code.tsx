/** The same, asked for by a program. */
import { useState } from 'preact/hooks';
import type { Generation } from '../../../sdk/index.ts';
import { type Language, write } from '../../code/languages.ts';
import { recipeOf } from '../../code/recipe.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Tabs } from '../../parts/tabs.tsx';

const languages = [
  { key: 'sdk', name: 'TypeScript' },
  { key: 'curl', name: 'curl' },
  { key: 'graphql', name: 'GraphQL' },
] as const;

export function Code({ generation }: { readonly generation: Generation }) {
  const [language, setLanguage] = useState<Language>('sdk');
  const text = write(language, recipeOf(generation), location.origin);
  return (
    <details class="fold">
      <summary>As code</summary>
      <Tabs label="Language" tabs={languages} shown={language} onShow={setLanguage}>
        <div class="stack">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
          <pre class="code" tabIndex={0}>
            {text}
          </pre>
          <div class="row">
            <CopyButton text={text} label="Copy" />
          </div>
        </div>
      </Tabs>
    </details>
  );
}
