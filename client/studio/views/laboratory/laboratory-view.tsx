/** The laboratory: a bench for each experiment, one at a time. */
import { useRoute } from 'preact-iso';
import { useTitle } from '../../parts/use-title.ts';
import { NowhereView } from '../nowhere-view.tsx';
import { experimentAddress } from './experiment-address.ts';
import { experiments } from './experiments.ts';
import './laboratory.css';

export function LaboratoryView() {
  const { params } = useRoute();
  const asked = params.experiment ?? experiments[0]!.key;
  const shown = experiments.find(({ key }) => key === asked);
  useTitle(shown ? `${shown.name} · Laboratory` : '');
  if (!shown) return <NowhereView />;
  const Experiment = shown.component;
  return (
    <div class="laboratory">
      <nav class="benches" aria-label="Experiments">
        {experiments.map(({ key, name }) => (
          <a key={key} href={experimentAddress(key)} aria-current={key === shown.key ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <section class="bench stack" aria-labelledby="bench-title">
        <header>
          <h1 id="bench-title">{shown.name}</h1>
          <p class="bench-says">{shown.says}</p>
        </header>
        <Experiment key={shown.key} />
      </section>
    </div>
  );
}
