/** What is compared, in words. */
import type { SimilaritySpace } from '../../../sdk/index.ts';
import { spaces as words } from '../../words.ts';

interface SpaceChoiceProps {
  readonly spaces: readonly SimilaritySpace[];
  readonly chosen: SimilaritySpace | null;
  readonly onChoose: (space: SimilaritySpace) => void;
}

export function SpaceChoice({ spaces, chosen, onChoose }: SpaceChoiceProps) {
  return (
    <fieldset>
      <legend class="unseen">What is compared</legend>
      <div class="spaces">
        {spaces.map(space => (
          <label key={space} class="space">
            <input type="radio" name="space" checked={space === chosen} onChange={() => onChoose(space)} />
            <span>
              <span class="space-name">{words[space].name}</span>
              <span class="hint">{words[space].hint}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
