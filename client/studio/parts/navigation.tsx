/** The head of the page: the name, and a link to each view that has one. */
import { useLocation } from 'preact-iso';
import { views } from '../views.ts';
import './navigation.css';

export function Navigation() {
  const { path } = useLocation();
  return (
    <header class="head">
      <a class="head-name" href="/">
        <span class="head-light" aria-hidden="true" />
        <span class="head-word">Darkroom</span>
      </a>
      <nav aria-label="Views" class="head-links">
        {views.map(
          ({ link }) =>
            link && (
              <a key={link.href} href={link.href} aria-current={isAt(path, link.href) ? 'page' : undefined}>
                {link.name}
              </a>
            ),
        )}
      </nav>
      {/* Not a view of the studio: the browser goes there. */}
      <a class="head-api" href="/graphql" target="_blank" rel="noreferrer">
        API
      </a>
    </header>
  );
}

function isAt(path: string, href: string): boolean {
  return href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
}
