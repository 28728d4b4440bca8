"""How close a generated picture came to what it was to show, in fine detail: what a discriminator should go by.

Both picture and rendering lose what a Gaussian blur of 3 pixels leaves; closeness is 1 - |I - T|^2 / (|I|^2 + |T|^2),
best over looks, sizes and shifts.
"""

from functools import lru_cache

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor

from world import scenes
from world.palette import BACKGROUNDS
from world.scenes import SIZE
from world.sprites import sprite, variant_count
from world.things import all_things

_SIZES = {(1, "large"): range(80, 105, 4), (1, "small"): range(44, 61, 4), (2, "large"): range(48, 63, 3), (2, "small"): range(32, 43, 3)}
_LOOKS = 4
_SHIFT = 20  # pixels, each way


def _fine(picture: np.ndarray) -> Tensor:
    """[3, h, w] without what a blur leaves."""
    blurred = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(3)))
    return torch.from_numpy(picture.astype(np.float32) - blurred).permute(2, 0, 1)


@lru_cache(maxsize=512)
def _templates(thing_id: int, background: str, sizes: range) -> tuple[Tensor, Tensor]:
    """Spectra of renderings in the middle [n, 3, h, w/2 + 1], conjugated, and their energies [n]."""
    count = variant_count(thing_id)
    inks = [(0, 0, 0), (255, 255, 255)] if all_things()[thing_id].kind == "digit" else [(0, 0, 0)]
    drawn = []
    for variant in range(0, count, -(-count // _LOOKS)):
        for ink in inks:
            for size in sizes:
                piece = sprite(thing_id, variant, size, ink)
                height, width = piece.alpha.shape[:2]
                top, left = (SIZE - height) // 2, (SIZE - width) // 2
                canvas = np.empty((SIZE, SIZE, 3), dtype=np.uint8)
                canvas[:] = BACKGROUNDS[background]
                under = canvas[top : top + height, left : left + width]
                alpha = piece.alpha.astype(np.float32) / 255
                under[:] = np.minimum(under * (1 - alpha) + piece.colour, 255).astype(np.uint8)
                drawn.append(_fine(canvas))
    stacked = torch.stack(drawn)
    return torch.fft.rfft2(stacked).conj(), stacked.square().sum((1, 2, 3))


def _best(fine: Tensor, thing_id: int, background: str, sizes: range) -> float:
    spectra, energies = _templates(thing_id, background, sizes)
    overlap = torch.fft.irfft2(torch.fft.rfft2(fine) * spectra, s=(SIZE, SIZE)).sum(1)  # for every shift at once
    near = torch.roll(overlap, (_SHIFT, _SHIFT), (1, 2))[:, : 2 * _SHIFT + 1, : 2 * _SHIFT + 1].amax((1, 2))
    return float((2 * near / (fine.square().sum() + energies + 1e-6)).max().clamp(min=0))


def closeness(picture: np.ndarray, scene: scenes.Scene) -> float:
    """0..1 for a picture (uint8 [128, 128, 3]) of a scene; of a pair its worse half's."""
    fine = _fine(picture)
    count = len(scene.things)
    if count == 1:
        placed = scene.things[0]
        return _best(fine, placed.thing_id, scene.background, _SIZES[1, placed.size_name])
    axis, found = (2 if scene.relation == "left" else 1), []
    for i, placed in enumerate(scene.things):
        half = torch.zeros_like(fine)
        half.narrow(axis, 32, 64).copy_(fine.narrow(axis, 64 * i, 64))
        found.append(_best(half, placed.thing_id, scene.background, _SIZES[2, placed.size_name]))
    return min(found)
