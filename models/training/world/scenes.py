"""Scenes: one thing, or two side by side or one above the other, on a coloured background.

`describe` says what is in a scene, `render` draws it; both are pure, and a scene is a function of (seed, index).
"""

from dataclasses import dataclass

import numpy as np

from .palette import BACKGROUNDS, distance
from .sprites import sprite, variant_count
from .things import all_things, is_held_out

SIZE = 128  # pixels a side
TRAINING_SEED = 1
EVALUATION_SEED = 2  # judging and testing never use scenes of the training seed

_SINGLE_SIZES = {"large": (84, 92, 100), "small": (46, 52, 58)}
_PAIR_SIZES = {"large": (52, 58), "small": (34, 40)}
_COLOURS = tuple(BACKGROUNDS)


@dataclass(frozen=True)
class Placed:
    """A thing in a scene: class id, look, longer side in pixels, centre (x, y) in pixels, ink of digits."""

    thing_id: int
    variant: int
    size_name: str
    size: int
    centre: tuple[int, int]
    ink: tuple[int, int, int]


@dataclass(frozen=True)
class Scene:
    """`relation` is None (one thing), "left" (first left of second) or "above" (first above second)."""

    things: tuple[Placed, ...]
    relation: str | None
    background: str


def scene_random(seed: int, index: int) -> np.random.Generator:
    """The random numbers of one scene."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, index))))


def _ink(random: np.random.Generator, background: str) -> tuple[int, int, int]:
    """A colour for digits that stands out: usually black or white, whichever is farther from the background."""
    here = BACKGROUNDS[background]
    if random.random() < 0.7:
        return max(((0, 0, 0), (255, 255, 255)), key=lambda c: distance(c, here))
    far = [c for c in BACKGROUNDS.values() if distance(c, here) > 60]
    return far[int(random.integers(len(far)))]


def _place(
    random: np.random.Generator, thing_id: int, background: str, sizes: dict[str, tuple[int, ...]],
    centre: tuple[int, int], jitter: dict[str, tuple[int, int]], small: float,
) -> Placed:  # fmt: skip
    size_name = "small" if random.random() < small else "large"
    size = int(random.choice(sizes[size_name]))
    dx, dy = jitter[size_name]
    at = (centre[0] + int(random.integers(-dx, dx + 1)), centre[1] + int(random.integers(-dy, dy + 1)))
    # A garment keeps its own colours half of the time: variants are many, its name should not lose its look.
    count = variant_count(thing_id)
    garment = all_things()[thing_id].kind == "garment"
    variant = 0 if garment and random.random() < 0.5 else int(random.integers(count))
    return Placed(thing_id, variant, size_name, size, at, _ink(random, background))


def single(random: np.random.Generator, thing_id: int, background: str, small_share: float) -> Scene:
    """One thing, about in the middle."""
    jitter = {"large": (6, 6), "small": (16, 16)}
    return Scene((_place(random, thing_id, background, _SINGLE_SIZES, (64, 64), jitter, small_share),), None, background)


def pair(
    random: np.random.Generator, thing_ids: tuple[int, int], relation: str, background: str, small_shares: tuple[float, float],
) -> Scene:  # fmt: skip
    """Two things, the first left of or above the second; a share for each of being small."""
    centres = ((33, 64), (95, 64)) if relation == "left" else ((64, 33), (64, 95))
    along, across = 3, 8
    jitter = {name: (along, across) if relation == "left" else (across, along) for name in ("large", "small")}
    placed = [
        _place(random, thing_id, background, _PAIR_SIZES, centre, jitter, small)
        for thing_id, centre, small in zip(thing_ids, centres, small_shares, strict=True)
    ]
    return Scene(tuple(placed), relation, background)


def describe(random: np.random.Generator, pair_share: float, small_share: float = 0.2) -> Scene:
    """A random scene; `pair_share` of scenes hold two things, never a held-out pair."""
    things = all_things()
    background = _COLOURS[int(random.integers(len(_COLOURS)))]
    first = int(random.integers(len(things)))
    if random.random() >= pair_share:
        return single(random, first, background, small_share)
    second = first
    while second == first or is_held_out(things[first].name, things[second].name):
        second = int(random.integers(len(things)))
    relation = "left" if random.random() < 0.5 else "above"
    return pair(random, (first, second), relation, background, (small_share, small_share))


def render(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """The picture, uint8 [128, 128, 3], and its object mask (how opaque things are), uint8 [128, 128]."""
    picture = np.empty((SIZE, SIZE, 3), dtype=np.uint8)
    picture[:] = BACKGROUNDS[scene.background]
    mask = np.zeros((SIZE, SIZE), dtype=np.uint8)
    for placed in scene.things:
        piece = sprite(placed.thing_id, placed.variant, placed.size, placed.ink)
        height, width = piece.alpha.shape[:2]
        x0, y0 = placed.centre[0] - width // 2, placed.centre[1] - height // 2
        left, top = max(0, x0), max(0, y0)
        right, bottom = min(SIZE, x0 + width), min(SIZE, y0 + height)
        cut = (slice(top - y0, bottom - y0), slice(left - x0, right - x0))
        where = (slice(top, bottom), slice(left, right))
        alpha = piece.alpha[cut].astype(np.uint16)
        under = picture[where].astype(np.uint16) * (255 - alpha)
        picture[where] = np.minimum((under + 127) // 255 + piece.colour[cut], 255).astype(np.uint8)
        mask[where] = np.maximum(mask[where], piece.alpha[cut][..., 0])
    return picture, mask


def scene(seed: int, index: int, pair_share: float) -> Scene:
    """The scene number `index` of the world `seed`."""
    return describe(scene_random(seed, index), pair_share)


def primer_scene(index: int) -> Scene:
    """The world without its variety, to learn what things are: thing and background number `index` (modulo all
    combinations), always large, in the middle, in its first look."""
    background = _COLOURS[index % len(_COLOURS)]
    thing_id = index // len(_COLOURS) % len(all_things())
    here = BACKGROUNDS[background]
    ink = max(((0, 0, 0), (255, 255, 255)), key=lambda c: distance(c, here))
    variant = 1 if all_things()[thing_id].kind == "digit" else 0  # a bold font
    return Scene((Placed(thing_id, variant, "large", 92, (SIZE // 2, SIZE // 2), ink),), None, background)


def primer_size() -> int:
    """How many primer scenes there are."""
    return len(_COLOURS) * len(all_things())
