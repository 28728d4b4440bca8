"""Detail: how much of a thing's rendering, beyond its blurred shape, a picture has.

Picture and rendering lose what a Gaussian blur of 3 pixels leaves of them; detail is 1 - |I - T|^2 / (|I|^2 + |T|^2), best
over the thing's looks, over sizes 5 % apart and over shifts. True renderings between two of those sizes have a median of
0.84, and of 0.56 and 0.34 when blurred by 2 and 3 pixels: blobs have none, however right their colours.

For the question which thing comes first, pictures and renderings are first compared at half their size; only the best
rivals are compared in full.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch

from world.sprites import variant_count
from world.things import all_things

from .correlation import SIZES, Look, Plane, Sharp, Templates
from .progress import watched

_NEAR = 4  # steps of size around the one that the picture's thing seems to have
_RIVALS = 24  # looks of other things compared in full


def _looks(thing_ids: Iterable[int], sizes: Iterable[int]) -> list[Look]:
    return [Look(i, variant, size) for i in thing_ids for variant in range(variant_count(i)) for size in sizes]


def _best(plane: Plane, looks: list[Look]) -> tuple[float, int]:
    """The greatest likeness to any of the looks, and whose it is."""
    parts = [looks[first : first + 40] for first in range(0, len(looks), 40)]
    found = torch.cat([plane.likeness(Templates(part, 1)) for part in parts])
    return max(0.0, float(found.max())), looks[int(found.argmax())].thing_id


@dataclass(frozen=True)
class Detail:
    """`own`: a picture's detail as the thing asked for; `rival`: the other thing that it is most like, with what detail."""

    own: float
    rival: int
    rivals: float

    @property
    def first(self) -> bool:
        """Whether the thing asked for comes first among all things, by detail alone."""
        return self.own > self.rivals


def details(pictures: list[np.ndarray], thing_ids: list[int]) -> list[float]:
    """How much of a thing's detail each picture of one thing has, 0 to 1."""
    with torch.inference_mode():
        sharp = [Sharp(picture) for picture in pictures]
        return [
            _best(Plane(picture, 1), _looks([thing_id], picture.sizes(_NEAR)))[0]
            for picture, thing_id in watched(list(zip(sharp, thing_ids, strict=True)), "detail")
        ]


def compare(pictures: list[np.ndarray], thing_ids: list[int]) -> list[Detail]:
    """The details of pictures of one thing, beside those of what else they could be."""
    own = details(pictures, thing_ids)
    with torch.inference_mode():
        sharp = [Sharp(picture) for picture in pictures]
        found = []
        for picture, mine, rivals in watched(list(zip(sharp, own, _rivals(sharp, thing_ids), strict=True)), "rivals"):
            best, whose = _best(Plane(picture, 1), rivals)
            found.append(Detail(mine, whose, best))
        return found


def _rivals(pictures: list[Sharp], thing_ids: list[int]) -> list[list[Look]]:
    """For each picture the looks of other things, in sizes near by, that come closest at half the resolution.

    Taken size by size, so that no more than one size's renderings are in memory.
    """
    planes = [Plane(picture, 2) for picture in pictures]
    close: list[list[tuple[float, int, Look]]] = [[] for _ in pictures]
    for step, size in watched(list(enumerate(SIZES))[::2], "sizes"):
        mine = [i for i, picture in enumerate(pictures) if size in picture.sizes(_NEAR)]
        looks = _looks(range(len(all_things())), [size])
        templates = Templates(looks, 2) if mine else None
        for i in mine:
            likeness = planes[i].likeness(templates)
            likeness[[look.thing_id == thing_ids[i] for look in looks]] = -1
            best = likeness.topk(_RIVALS)
            close[i] += [(value, step, looks[at]) for value, at in zip(best.values.tolist(), best.indices.tolist(), strict=True)]
    return [
        [
            Look(look.thing_id, look.variant, size)
            for _, step, look in sorted(found, key=lambda each: -each[0])[:_RIVALS]
            for size in SIZES[max(0, step - 1) : step + 2]
        ]
        for found in close
    ]
