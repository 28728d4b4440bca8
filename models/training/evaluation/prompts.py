"""What is asked of the checkpoint: scenes of the evaluation's own seed, one prompt and one seed of noise each."""

from dataclasses import dataclass, replace

import numpy as np

from world import captions, scenes
from world.palette import BACKGROUNDS
from world.scenes import Scene
from world.things import all_things, is_held_out

# Numbers of scenes of the evaluation's seed, so far apart that no two sets share one.
_SINGLES, _SEEN, _UNSEEN, _SHEET, _BEST = 1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000
TRIES, BEST_STEPS = 8, 10  # of best_of: pictures for each prompt, and their steps
_SMALL = 0.2  # share of small things among the unseen pairs, as in the world
# "and", "next to" and "beside" were taught as "left of", but a person means no side by them.
_PLACES = (*captions.LEFT_WORDS[:2], *captions.RIGHT_WORDS, *captions.ABOVE_WORDS, *captions.BELOW_WORDS)


@dataclass(frozen=True)
class Asked:
    """`prompt` is one of the ways to ask for `scene`, and says its background and who is where; `seed` of the noise; None:
    as many steps as the checkpoint's default."""

    scene: Scene
    prompt: str
    seed: int
    steps: int | None = None


def wording(scene: Scene, random: np.random.Generator) -> str:
    """A caption of the scene that leaves nothing out which is measured."""
    while True:
        text = captions.caption(scene, random)
        ground = f"{scene.background} background" in text or text.endswith(f" on {scene.background}")
        place = scene.relation is None or any(f" {words} " in text for words in _PLACES)
        if ground and place:
            return text


def _ask(scene: Scene, index: int) -> Asked:
    return Asked(scene, wording(scene, scenes.scene_random(scenes.EVALUATION_SEED + 1_000, index)), index)


def singles(count: int) -> list[Asked]:
    """Scenes of one thing: every thing once before any comes twice, in random order."""
    things = len(all_things())
    order = [
        thing
        for turn in range(-(-count // things))
        for thing in scenes.scene_random(scenes.EVALUATION_SEED, _SINGLES + turn).permutation(things).tolist()
    ][:count]
    found: dict[int, list[Asked]] = {thing: [] for thing in order}
    missing, index = len(order), _SINGLES + 1_000
    while missing:
        scene = scenes.scene(scenes.EVALUATION_SEED, index, 0.0)
        thing = scene.things[0].thing_id
        if len(found.get(thing, [])) < order.count(thing):
            found[thing].append(_ask(scene, index))
            missing -= 1
        index += 1
    return [found[thing].pop(0) for thing in order]


def seen_pairs(count: int) -> list[Asked]:
    """Two things that training may show together."""
    return [_ask(scenes.scene(scenes.EVALUATION_SEED, _SEEN + i, 1.0), _SEEN + i) for i in range(count)]


def unseen_pairs(count: int) -> list[Asked]:
    """Two things that no part of training shows together."""
    return [_ask(_unseen_pair(_UNSEEN + i), _UNSEEN + i) for i in range(count)]


def _unseen_pair(index: int) -> Scene:
    random, things = scenes.scene_random(scenes.EVALUATION_SEED, index), all_things()
    first = second = 0
    while not is_held_out(things[first].name, things[second].name) or first == second:
        first, second = (int(number) for number in random.integers(len(things), size=2))
    relation, background = random.choice(["left", "above"]), random.choice(list(BACKGROUNDS))
    return scenes.pair(random, (first, second), str(relation), str(background), (_SMALL, _SMALL))


def best_of(count: int) -> list[Asked]:
    """Two things that training may show together, each asked for with TRIES seeds of noise, one after the other."""
    asked = [_ask(scenes.scene(scenes.EVALUATION_SEED, _BEST + i, 1.0), _BEST + i) for i in range(count)]
    return [replace(each, seed=TRIES * each.seed + k, steps=BEST_STEPS) for each in asked for k in range(TRIES)]


def sheet(count: int) -> list[Asked]:
    """The first scenes that come, three of ten of them pairs: for the sample sheet."""
    return [_ask(scenes.scene(scenes.EVALUATION_SEED, _SHEET + i, 0.3), _SHEET + i) for i in range(count)]
