"""Where the things are in a picture: cut out of it, each on its own and all in one size."""

import numpy as np
from PIL import Image

SIDE = 64  # pixels a side of a crop
BORDER = 8  # pixels of a picture's edge that show its background
_NOTICED = 32  # how far a colour must be from the background, of 255, to belong to a thing
_STRAY = 0.005  # of what was noticed, at either end of a box: specks
_MARGIN = 1.14
_LEAST = 24  # pixels a side of a box
_MIDDLE = range(48, 81)  # where a picture of two may be divided


def ground_colour(picture: np.ndarray) -> np.ndarray:
    """The median colour of the border of a picture [h, w, 3], float32 [3]."""
    border = np.ones(picture.shape[:2], dtype=bool)
    border[BORDER:-BORDER, BORDER:-BORDER] = False
    return np.median(picture[border], axis=0).astype(np.float32)


def _noticed(picture: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """How much each pixel stands out from the background, int32 [h, w]."""
    difference = np.abs(picture.astype(np.int16) - np.round(ground).astype(np.int16)).max(2)
    return np.clip(difference.astype(np.int32) - _NOTICED, 0, None)


def _extent(profile: np.ndarray) -> tuple[float, float]:
    """From where to where `profile` holds all but its stray ends."""
    share = np.cumsum(profile) / profile.sum()
    return float(np.searchsorted(share, _STRAY)), float(np.searchsorted(share, 1 - _STRAY) + 1)


def longest_side(picture: np.ndarray, ground: np.ndarray) -> float:
    """The longer side of what stands out from the background, in pixels; 0 where nothing does."""
    noticed = _noticed(picture, ground)
    if not noticed.any():
        return 0.0
    return max(end - begin for begin, end in (_extent(noticed.sum(0)), _extent(noticed.sum(1))))


def _halves(noticed: np.ndarray, relation: str | None) -> list[tuple[slice, slice]]:
    """The whole picture, or its halves (left or upper one first), divided where the least is to be seen."""
    everything = slice(None)
    if relation is None:
        return [(everything, everything)]
    profile = np.convolve(noticed.sum(0 if relation == "left" else 1), np.ones(3), "same")
    cut = min(_MIDDLE, key=lambda at: (profile[at], abs(at - 64)))
    parts = slice(0, cut), slice(cut, None)
    return [(everything, part) if relation == "left" else (part, everything) for part in parts]


def thing_crops(
    picture: np.ndarray, relation: str | None, random: np.random.Generator | None = None
) -> list[np.ndarray]:
    """The things of a picture (uint8 [128, 128, 3]), each uint8 [SIDE, SIDE, 3] with a little background around it.

    `relation` None: one thing; "left" or "above": two, in that order. `random` shakes the boxes, for training.
    """
    ground = ground_colour(picture)
    noticed = _noticed(picture, ground)
    return [_crop(picture, ground, noticed, where, random) for where in _halves(noticed, relation)]


def _crop(
    picture: np.ndarray, ground: np.ndarray, noticed: np.ndarray, where: tuple[slice, slice],
    random: np.random.Generator | None,
) -> np.ndarray:  # fmt: skip
    height, width = picture.shape[:2]
    mine = np.zeros_like(noticed)
    mine[where] = noticed[where]
    rows, columns = where[0].indices(height), where[1].indices(width)
    if mine.sum() > 0:
        (top, bottom), (left, right) = _extent(mine.sum(1)), _extent(mine.sum(0))
        side = max(bottom - top, right - left, _LEAST) * _MARGIN
    else:  # nothing is to be seen: look where a thing would be
        top, bottom, left, right = rows[0], rows[1], columns[0], columns[1]
        side = 0.8 * min(bottom - top, right - left)
    x, y = (left + right) / 2, (top + bottom) / 2
    if random is not None:
        side *= random.uniform(0.93, 1.1)
        x, y = x + side * random.uniform(-0.04, 0.04), y + side * random.uniform(-0.04, 0.04)
    first, last = (int(x - side / 2) - 1, int(y - side / 2) - 1), (int(x + side / 2) + 2, int(y + side / 2) + 2)
    canvas = np.empty((last[1] - first[1], last[0] - first[0], 3), dtype=np.uint8)
    canvas[:] = np.round(ground)
    over = [(max(a, low), min(b, high)) for a, b, (low, high) in zip(first, last, (columns[:2], rows[:2]), strict=True)]
    (from_x, to_x), (from_y, to_y) = over
    canvas[from_y - first[1] : to_y - first[1], from_x - first[0] : to_x - first[0]] = picture[from_y:to_y, from_x:to_x]
    box = (x - side / 2 - first[0], y - side / 2 - first[1], x + side / 2 - first[0], y + side / 2 - first[1])
    return np.asarray(Image.fromarray(canvas).resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box))
