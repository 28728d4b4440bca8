/** Pictures that are like something: a text, a picture of one's own, or another picture. */

import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { SimilaritySpace } from '../../../sdk/index.ts';
import { FileDrop } from '../../parts/file-drop.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { useCheckpoint } from '../../state/checkpoints.ts';
import { addressOf, type Query, readAddress, spacesFor } from './query.ts';
import { Results } from './results.tsx';
import './search-view.css';
import { SpaceChoice } from './space-choice.tsx';
import { Subject } from './subject.tsx';
import { useFound } from './use-found.ts';

const allSpaces: readonly SimilaritySpace[] = ['EMBEDDING', 'LATENT', 'PROMPT'];

export function SearchView() {
  useTitle('Search');
  const { query: parameters, route, url } = useLocation();
  const addressed = useMemo(() => readAddress(parameters), [url]);
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState(addressed?.kind === 'text' ? addressed.text : '');
  const [wanted, setWanted] = useState<SimilaritySpace>(allSpaces.find(s => s === parameters.space) ?? 'EMBEDDING');

  const query = useMemo<Query | null>(() => (file === null ? addressed : { kind: 'file', file }), [file, addressed]);
  const checkpoint = useCheckpoint(null);
  const spaces = spacesFor(query, checkpoint?.spaces ?? allSpaces);
  const space = spaces.includes(wanted) ? wanted : (spaces[0] ?? null);
  const found = useFound(query, checkpoint === null ? null : space);

  // A link to another search ends that for a file.
  useEffect(() => {
    if (addressed !== null) setFile(null);
    if (addressed?.kind === 'text') setText(addressed.text);
  }, [addressed]);

  const searchFile = useCallback(
    (chosen: File) => {
      setFile(chosen);
      setText('');
      route('/search');
    },
    [route],
  );
  const searchText = () => {
    if (text.trim() === '') return;
    setFile(null);
    route(addressOf({ kind: 'text', text: text.trim() }, space ?? 'EMBEDDING'));
  };
  const choose = (chosen: SimilaritySpace) => {
    setWanted(chosen);
    if (query !== null && query.kind !== 'file') route(addressOf(query, chosen), true);
  };
  return (
    <div class="search stack">
      <h1>Search</h1>
      <search>
        <form
          class="search-form"
          onSubmit={event => {
            event.preventDefault();
            searchText();
          }}
        >
          <div class="with-button">
            <input
              class="input search-text"
              type="search"
              aria-label="What it shows"
              placeholder="a cat"
              value={text}
              onInput={event => setText(event.currentTarget.value)}
            />
            <button type="submit" class="button primary">
              <Icon name="search" />
              Search
            </button>
          </div>
          <FileDrop label="or choose a picture, drop it here, or paste it" takesPaste onFile={searchFile} />
        </form>
      </search>
      {query !== null && query.kind !== 'text' && <Subject query={query} />}
      <SpaceChoice spaces={spaces} chosen={space} onChoose={choose} />
      <Results found={found} />
    </div>
  );
}
