/** The frame around every view: where one is, whether the server is there, and what has just happened. */

import { useEffect, useRef } from 'preact/hooks';
import { ErrorBoundary, LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { ownAddresses } from './addresses.ts';
import { ConnectionBanner } from './parts/connection-banner.tsx';
import { Navigation } from './parts/navigation.tsx';
import { Toasts } from './parts/toasts.tsx';
import { watchCheckpoints } from './state/checkpoints.ts';
import { watchConnection } from './state/connection.ts';
import { watchGallery } from './state/gallery.ts';
import { views } from './views.ts';

export function App() {
  useEffect(() => {
    watchConnection();
    watchCheckpoints();
    watchGallery();
  }, []);
  return (
    <LocationProvider scope={ownAddresses}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Navigation />
      <ConnectionBanner />
      <Main />
      <Toasts />
    </LocationProvider>
  );
}

function Main() {
  const main = useRef<HTMLElement>(null);
  const { path } = useLocation();
  const first = useRef(path);
  useEffect(() => {
    // Who follows a link goes on reading where it leads to; who has just come is left where they are.
    if (path !== first.current) main.current?.focus({ preventScroll: true });
    first.current = path;
  }, [path]);
  return (
    <main id="main" ref={main} tabIndex={-1}>
      <ErrorBoundary>
        <Router>
          {views.map(({ path, component }) =>
            path === null ? <Route default component={component} /> : <Route path={path} component={component} />,
          )}
        </Router>
      </ErrorBoundary>
    </main>
  );
}
