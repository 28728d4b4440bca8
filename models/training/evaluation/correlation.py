"""Pictures and renderings without their blurred shapes, and how alike they are: over all shifts, by Fourier transform."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.fft import irfft2, rfft2
from torch.nn.functional import avg_pool2d, conv2d

from world import scenes
from world.palette import BACKGROUNDS
from world.sprites import sprite
from world.things import all_things

from .crops import ground_colour, longest_side

SIZES = tuple(round(40 * 1.05**step) for step in range(-5, 21))  # longer sides in pixels, 31 to 106
_DEVIATION = 3.0  # pixels
_SHIFT = 32  # pixels, each way
_INKS = tuple(dict.fromkeys([(0, 0, 0), (255, 255, 255), *BACKGROUNDS.values()]))


@dataclass(frozen=True)
class Look:
    thing_id: int
    variant: int
    size: int

    @property
    def inked(self) -> bool:
        """Whether it is but a mask, for any ink."""
        return all_things()[self.thing_id].kind == "digit"


@lru_cache(maxsize=None)
def _taps(deviation: float) -> Tensor:
    reach = round(4 * deviation)
    taps = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / deviation) ** 2)
    return taps / taps.sum()


def _sharp(x: Tensor, shrink: int) -> Tensor:
    """`x` [c, h, w], zero around its edges, divided by `shrink` each way, without what the blur leaves of it."""
    planes = avg_pool2d(x.unsqueeze(1), shrink)
    taps = _taps(_DEVIATION / shrink)
    reach = len(taps) // 2
    across = conv2d(planes, taps.view(1, 1, 1, -1), padding=(0, reach))
    return (planes - conv2d(across, taps.view(1, 1, -1, 1), padding=(reach, 0)))[:, 0]


def _drawn(look: Look, shrink: int) -> Tensor:
    """Sharp colours times opacity and opacity, [4, h, w], of a look in the middle of an empty scene."""
    piece = sprite(look.thing_id, look.variant, look.size, (255, 255, 255))
    height, width = piece.alpha.shape[:2]
    top, left = (scenes.SIZE - height) // 2, (scenes.SIZE - width) // 2
    canvas = np.zeros((scenes.SIZE, scenes.SIZE, 4), dtype=np.float32)
    canvas[top : top + height, left : left + width, :3] = piece.colour
    canvas[top : top + height, left : left + width, 3:] = piece.alpha / np.float32(255)
    return _sharp(torch.from_numpy(canvas).permute(2, 0, 1), shrink)


class Templates:
    """Looks, ready to be correlated with pictures on any ground: drawn on the ground g, a look is C - g A."""

    def __init__(self, looks: list[Look], shrink: int):
        planes = torch.stack([_drawn(look, shrink) for look in looks])
        self.spectra = rfft2(planes).conj()  # [n, 4, h, w/2 + 1]
        self.energies = planes.square().sum((2, 3))  # of C's three channels and of A
        self.overlaps = (planes[:, :3] * planes[:, 3:]).sum((2, 3))  # of C's channels with A
        self.inked = torch.tensor([look.inked for look in looks])


class Sharp:
    """A picture, uint8 [128, 128, 3], as its difference from its background."""

    def __init__(self, picture: np.ndarray):
        ground = ground_colour(picture)
        self.ground = torch.from_numpy(ground)
        self.difference = torch.from_numpy(picture - ground).permute(2, 0, 1)
        seems = longest_side(picture, ground)
        self.step = min(range(len(SIZES)), key=lambda step: abs(SIZES[step] - seems))

    def sizes(self, steps: int) -> tuple[int, ...]:
        """The sizes around the one that the thing seems to have."""
        return SIZES[max(0, self.step - steps) : self.step + steps + 1]


class Plane:
    """A picture at one resolution, ready to be correlated with templates."""

    def __init__(self, picture: Sharp, shrink: int):
        sharp = _sharp(picture.difference, shrink)
        self.shape = sharp.shape[1:]
        self.spectrum = rfft2(sharp)
        self.energy = sharp.square().sum()
        self.ground = picture.ground
        reach = _SHIFT // shrink
        self.shifts = torch.arange(-reach, reach + 1) % self.shape[0]

    def likeness(self, templates: Templates) -> Tensor:
        """To every template, over all shifts and inks, [n]."""
        found = torch.zeros(len(templates.inked))
        for mine, measure in ((~templates.inked, self._coloured), (templates.inked, self._inked)):
            if mine.any():
                found[mine] = measure(templates.spectra[mine], templates.energies[mine], templates.overlaps[mine])
        return found

    def _correlation(self, product: Tensor) -> Tensor:
        """At all shifts: spectra [..., h, w/2 + 1] -> [..., shifts, shifts]."""
        return irfft2(product, s=self.shape)[..., self.shifts, :][..., self.shifts]

    def _coloured(self, spectra: Tensor, energies: Tensor, overlaps: Tensor) -> Tensor:
        through = (self.ground.view(3, 1, 1) * self.spectrum).sum(0)
        product = (self.spectrum * spectra[:, :3]).sum(1) - through * spectra[:, 3]
        energy = energies[:, :3].sum(1) - 2 * overlaps @ self.ground + energies[:, 3] * self.ground.square().sum()
        return 2 * self._correlation(product).flatten(1).amax(1) / (self.energy + energy)

    def _inked(self, spectra: Tensor, energies: Tensor, overlaps: Tensor) -> Tensor:
        """Only the masks count: what an ink adds to the ground is (ink - ground) A."""
        by_channel = self._correlation(self.spectrum * spectra[:, 3:])
        best = torch.zeros(len(spectra))
        for ink in _INKS:
            colour = torch.tensor(ink) - self.ground
            peaks = torch.einsum("c,nchw->nhw", colour, by_channel).flatten(1).amax(1)
            best = torch.maximum(best, 2 * peaks / (self.energy + colour.square().sum() * energies[:, 3]))
        return best
