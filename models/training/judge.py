"""A judge without training: which thing's rendering is nearest to a picture?

Pictures and renderings are compared as differences from the background in CIE Lab, slightly blurred, at 32 x 32, over
several sizes and shifts. Likeness of picture I and template T is 1 - |I - T|^2 / (|I|^2 + |T|^2).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d, pad

from world import fonts, garments
from world.palette import BACKGROUNDS, to_lab
from world.sprites import sprite
from world.things import all_things

_DRAWN = 64  # templates are drawn at half the scenes' size: a quarter of the work
_SIZES = (50, 66, 84, 92, 100)  # longer sides in pixels of a whole scene
_SHIFT = 3  # cells of 4 pixels, each way
_DIGIT_FONTS = range(0, len(fonts.DIGIT_FONTS), 4)


@dataclass(frozen=True)
class Verdict:
    """`thing`: the nearest thing's name; `likeness`: 0..1; `background`: nearest palette colour, `delta` its Lab distance."""

    thing: str
    likeness: float
    background: str
    delta: float
    ranking: tuple[str, ...]


def _looks(thing_id: int, background: str) -> list[tuple[int, tuple[int, int, int]]]:
    """(variant, ink) pairs to compare with."""
    kind = all_things()[thing_id].kind
    if kind == "digit":
        inks = [(0, 0, 0), (255, 255, 255), *BACKGROUNDS.values()]
        return [(font, ink) for font in _DIGIT_FONTS for ink in dict.fromkeys(inks) if ink != BACKGROUNDS[background]]
    if kind == "garment":
        return [(variant, (0, 0, 0)) for variant in range(garments.TRAINING_VARIANTS)]
    return [(0, (0, 0, 0))]


def _reduce(lab: np.ndarray, ground: np.ndarray) -> Tensor:
    """Lab [n, 64, 64, 3] to its blurred difference from `ground`, [n, 3, 32, 32]."""
    difference = torch.from_numpy(lab - ground).permute(0, 3, 1, 2)
    blurred = avg_pool2d(pad(difference, (1, 1, 1, 1)), 3, stride=1)
    return avg_pool2d(blurred, 2)


@lru_cache(maxsize=None)
def _templates(background: str) -> tuple[Tensor, Tensor]:
    """Templates on a background, [n, 3, 32, 32], and their things' ids, [n]."""
    colour = np.array(BACKGROUNDS[background])
    drawn, ids = [], []
    for thing_id in range(len(all_things())):
        for variant, ink in _looks(thing_id, background):
            for size in _SIZES:
                piece = sprite(thing_id, variant, size // 2, ink)
                height, width = piece.alpha.shape[:2]
                top, left = (_DRAWN - height) // 2, (_DRAWN - width) // 2
                canvas = np.empty((_DRAWN, _DRAWN, 3), dtype=np.uint8)
                canvas[:] = colour
                under = canvas[top : top + height, left : left + width]
                alpha = piece.alpha.astype(np.float32) / 255
                under[:] = np.minimum(under * (1 - alpha) + piece.colour, 255).astype(np.uint8)
                drawn.append(canvas)
                ids.append(thing_id)
    ground = to_lab(colour)
    reduced = [_reduce(to_lab(np.stack(drawn[i : i + 256])), ground) for i in range(0, len(drawn), 256)]
    return torch.cat(reduced), torch.tensor(ids)


def _background(picture: np.ndarray) -> tuple[str, float, np.ndarray]:
    """Nearest palette colour to the median of the 8-pixel border, its Lab distance, and the border's Lab colour."""
    border = np.ones(picture.shape[:2], dtype=bool)
    border[8:-8, 8:-8] = False
    seen = to_lab(np.median(picture[border], axis=0))
    deltas = {name: float(np.linalg.norm(seen - to_lab(np.array(rgb)))) for name, rgb in BACKGROUNDS.items()}
    name = min(deltas, key=deltas.__getitem__)
    return name, deltas[name], seen


def judge(picture: np.ndarray) -> Verdict:
    """Judge a picture of one thing, uint8 [128, 128, 3]."""
    background, delta, ground = _background(picture)
    small = np.asarray(Image.fromarray(picture).resize((_DRAWN, _DRAWN), Image.Resampling.BOX))
    seen = _reduce(to_lab(small)[None], ground)
    templates, ids = _templates(background)
    # |I - T|^2 = |I|^2 - 2 I.T + |T|^2, with I.T for every shift at once.
    overlap = conv2d(pad(seen, (_SHIFT,) * 4), templates)[0].flatten(1).amax(1)
    energy = seen.square().sum() + templates.square().sum((1, 2, 3))
    likeness = (2 * overlap / (energy + 1e-6)).clamp(min=0)
    best = torch.zeros(len(all_things())).scatter_reduce(0, ids, likeness, "amax")
    order = best.argsort(descending=True)[:5].tolist()
    names = tuple(all_things()[i].name for i in order)
    return Verdict(names[0], float(best[order[0]]), background, delta, names)
