"""How alike prompts are to the embedder that differ in one thing, beside prompts that say the same.

`python prompt_similarity.py PAIRS`, with models/training on the path; `npm run bench:reuse-prompts` calls it. Prints, for
each kind of change, how many of the pairs reach a similarity: above which one may take a prompt for a paraphrase.
"""

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from configuration import SHIPPED, Places
from embedding import measures
from world import captions, scenes
from world.palette import BACKGROUNDS
from world.scenes import Scene
from world.things import all_things

_SEED = 31  # nothing is trained or evaluated with it
_LEVELS = (0.80, 0.84, 0.88, 0.90, 0.92, 0.94, 0.96)
Change = Callable[[Scene, np.random.Generator], Scene]


def _background(scene: Scene, random: np.random.Generator) -> Scene:
    return replace(scene, background=str(random.choice([name for name in BACKGROUNDS if name != scene.background])))


def _thing(scene: Scene, random: np.random.Generator) -> Scene:
    place, number = int(random.integers(len(scene.things))), len(all_things())
    things = list(scene.things)
    other = (things[place].thing_id + 1 + int(random.integers(number - 1))) % number
    things[place] = replace(things[place], thing_id=other)
    return replace(scene, things=tuple(things))


def _size(scene: Scene, random: np.random.Generator) -> Scene:
    place, things = int(random.integers(len(scene.things))), list(scene.things)
    things[place] = replace(things[place], size_name="small")
    return replace(scene, things=tuple(things))


_CHANGES: dict[str, tuple[Change, float]] = {  # and the share of scenes of two things
    "nothing: other words": (lambda scene, _: scene, 0.6),
    "background": (_background, 0.6),
    "a thing": (_thing, 0.6),
    "a size": (_size, 0.6),
    "sides": (lambda scene, _: replace(scene, things=scene.things[::-1]), 1.0),
}


def _pair(change: Change, pair_share: float, index: int, plain: bool) -> tuple[str, str]:
    random = scenes.scene_random(_SEED, index)
    scene = scenes.describe(random, pair_share, small_share=0.0)
    changed = change(scene, random)
    if plain:
        return captions.plain_caption(scene), captions.plain_caption(changed)
    return captions.caption(scene, random), captions.caption(changed, random)


def main(count: int) -> None:
    encoders = measures.load_encoders(Places(shipped=SHIPPED))
    print(f"pairs of {count} that reach".ljust(28) + "".join(f"{level:>8.2f}" for level in _LEVELS) + "    most")
    for name, (change, pair_share) in _CHANGES.items():
        # What changes is said in the same words, which is as alike as it can be.
        pairs = [_pair(change, pair_share, i, plain=not name.startswith("nothing")) for i in range(count)]
        first, second = (encoders.texts([pair[side] for pair in pairs]) for side in (0, 1))
        alike = (first * second).sum(1).numpy()
        print(name.ljust(28) + "".join(f"{int((alike >= level).sum()):>8}" for level in _LEVELS) + f"{alike.max():>8.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
