"""Which colour a picture's background has."""

import numpy as np

from world.palette import BACKGROUNDS, to_lab

from .crops import ground_colour

_NEAR = 12.0  # Lab distance that is still the same colour


def background(picture: np.ndarray) -> tuple[str, float]:
    """The palette's colour nearest to the median of the 8-pixel border, and how far it is in Lab."""
    seen = to_lab(ground_colour(picture))
    distances = {name: float(np.linalg.norm(seen - to_lab(np.array(rgb)))) for name, rgb in BACKGROUNDS.items()}
    name = min(distances, key=distances.__getitem__)
    return name, distances[name]


def is_on(picture: np.ndarray, colour: str) -> bool:
    """Whether a picture's background is the palette's `colour`."""
    name, distance = background(picture)
    return name == colour and distance < _NEAR
