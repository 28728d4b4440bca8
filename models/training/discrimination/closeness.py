"""How close a generated picture came to what it was to show, in fine detail: what a discriminator should go by."""

import numpy as np

from evaluation.crops import ground_colour
from evaluation.detail import details
from world import scenes


def _alone(picture: np.ndarray, scene: scenes.Scene) -> list[np.ndarray]:
    """Each thing's half of a pair in the middle of an empty background; a single thing's picture as it is."""
    if scene.relation is None:
        return [picture]
    axis, halves = (1 if scene.relation == "left" else 0), []
    for part in np.split(picture, 2, axis):
        half = np.empty_like(picture)
        half[:] = np.round(ground_colour(picture))
        quarter = scenes.SIZE // 4
        np.moveaxis(half, axis, 0)[quarter:-quarter] = np.moveaxis(part, axis, 0)
        halves.append(half)
    return halves


def closeness(pictures: list[np.ndarray], wanted: list[scenes.Scene]) -> np.ndarray:
    """The detail, 0 to 1, of each picture (uint8 [128, 128, 3]) of a scene; of a pair the worse one's. float32 [n]."""
    halves = [_alone(picture, scene) for picture, scene in zip(pictures, wanted, strict=True)]
    ids = [placed.thing_id for scene in wanted for placed in scene.things]
    found = iter(details([half for part in halves for half in part], ids))
    return np.array([min(next(found) for _ in part) for part in halves], dtype=np.float32)
