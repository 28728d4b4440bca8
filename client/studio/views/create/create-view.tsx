/** Where pictures are asked for, and where they all are. */
import { useTitle } from '../../parts/use-title.ts';
import { Composer } from './composer.tsx';
import './create-view.css';
import { GalleryGrid } from './gallery-grid.tsx';
import { MadeInThisPage } from './made-here.tsx';

export function CreateView() {
  useTitle('');
  return (
    <div class="create">
      <section class="create-form" aria-labelledby="create-title">
        <h1 id="create-title">What should it show?</h1>
        <Composer />
      </section>
      <section class="create-gallery" aria-label="Gallery">
        <MadeInThisPage />
        <GalleryGrid />
      </section>
    </div>
  );
}
