/** Every view: its address, what shows it, and what the navigation calls it. */
import type { FunctionComponent } from 'preact';
import { lazy } from 'preact-iso';
import { CreateView } from './views/create/create-view.tsx';
import { GenerationView } from './views/generation/generation-view.tsx';
import { NotLoadedView } from './views/not-loaded-view.tsx';
import { NowhereView } from './views/nowhere-view.tsx';
import { SearchView } from './views/search/search-view.tsx';

const notLoaded = () => NotLoadedView;
const LaboratoryView = lazy(() =>
  import('./views/laboratory/laboratory-view.tsx').then(({ LaboratoryView }) => LaboratoryView, notLoaded),
);
const MapView = lazy(() => import('./views/map/map-view.tsx').then(({ MapView }) => MapView, notLoaded));

export interface View {
  /** As preact-iso has it; null: every other address. */
  readonly path: string | null;
  readonly component: FunctionComponent;
  /** Its link in the navigation; absent: it has none. */
  readonly link?: { readonly href: string; readonly name: string };
}

/** What is large is `lazy`: it is asked for when one goes there. */
export const views: readonly View[] = [
  { path: '/', component: CreateView, link: { href: '/', name: 'Create' } },
  { path: '/g/:id', component: GenerationView },
  { path: '/search', component: SearchView, link: { href: '/search', name: 'Search' } },
  { path: '/map', component: MapView, link: { href: '/map', name: 'Map' } },
  { path: '/laboratory/:experiment?', component: LaboratoryView, link: { href: '/laboratory', name: 'Laboratory' } },
  { path: null, component: NowhereView },
];
