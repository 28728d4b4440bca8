"""Scenes in groups of four that differ in sides, background or size only: what an embedder confuses most easily."""

import numpy as np

from configuration import Places
from latents import LatentStore
from world import scenes
from world.palette import BACKGROUNDS
from world.scenes import Scene
from world.things import all_things, is_held_out

MEMBERS = 4
TRAINING_SEED = 3  # of groups; a scene of training and a group never share their random numbers
_COLOURS = tuple(BACKGROUNDS)
_PAIRS, _DIGITS, _GARMENTS = 0.45, 0.25, 0.15  # of groups; digits and garments have many looks to be told apart by


def pair_group(random: np.random.Generator) -> list[Scene]:
    """A pair, the same with its sides swapped, on another background, and with one thing of the other size."""
    things = all_things()
    first = second = int(random.integers(len(things)))
    while second == first or is_held_out(things[first].name, things[second].name):
        second = int(random.integers(len(things)))
    relation = "left" if random.random() < 0.5 else "above"
    here, elsewhere = (_COLOURS[i] for i in random.choice(len(_COLOURS), 2, replace=False).tolist())
    small = [float(random.random() < 0.2) for _ in range(2)]
    other = list(small)
    changed = int(random.integers(2))
    other[changed] = 1 - other[changed]

    def one(ids: tuple[int, int], background: str, sizes: list[float]) -> Scene:
        return scenes.pair(random, ids, relation, background, (sizes[0], sizes[1]))

    return [
        one((first, second), here, small),
        one((second, first), here, small[::-1]),
        one((first, second), elsewhere, small),
        one((first, second), here, other),
    ]


def single_group(random: np.random.Generator, thing_id: int) -> list[Scene]:
    """One thing on two backgrounds, large and small on each."""
    grounds = [_COLOURS[i] for i in random.choice(len(_COLOURS), 2, replace=False).tolist()]
    return [scenes.single(random, thing_id, ground, small) for ground in grounds for small in (0.0, 1.0)]


def of_kind(kind: str) -> list[int]:
    """The ids of all things of a kind."""
    return [i for i, thing in enumerate(all_things()) if thing.kind == kind]


def training_group(number: int) -> list[Scene]:
    """Group `number` of training."""
    random = scenes.scene_random(TRAINING_SEED, number)
    roll = random.random()
    if roll < _PAIRS:
        return pair_group(random)
    if roll < _PAIRS + _DIGITS:
        ids = of_kind("digit")
    elif roll < _PAIRS + _DIGITS + _GARMENTS:
        ids = of_kind("garment")
    else:
        ids = list(range(len(all_things())))
    return single_group(random, ids[int(random.integers(len(ids)))])


class GroupStore(LatentStore):
    """Latents of the training groups, four scenes after each other."""

    def __init__(self, places: Places, digest: str):
        super().__init__(places, digest, pair_share=None, name="latents-groups")

    def scene(self, index: int) -> Scene:
        return training_group(index // MEMBERS)[index % MEMBERS]
