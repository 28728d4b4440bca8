"""How much of a scene survives the autoencoder."""

import numpy as np
from PIL import Image

from world import scenes

from . import rows
from .job import Made
from .rows import Row


def _decibels(made: np.ndarray, wanted: np.ndarray, where: np.ndarray | None = None) -> float:
    """PSNR of a picture, or of its pixels `where`."""
    error = (made.astype(np.float64) - wanted) ** 2
    return float(10 * np.log10(255**2 / max(1e-9, (error if where is None else error[where]).mean())))


def thumbnail(picture: np.ndarray) -> np.ndarray:
    """A picture by way of 32 x 32 pixels: as many numbers as its latent has, and half as many again."""
    small = Image.fromarray(picture).resize((32, 32), Image.Resampling.LANCZOS)
    return np.asarray(small.resize((scenes.SIZE, scenes.SIZE), Image.Resampling.LANCZOS))


def measure(made: Made) -> list[Row]:
    """Mean PSNR of whole pictures, of object pixels (alpha > 0.5), and of those of scenes with two things."""
    found: dict[str, list[tuple[float, float]]] = {"whole": [], "objects": [], "two": []}
    for asked, picture in made.reconstructions:
        drawn, mask = scenes.render(asked.scene)
        small, where = thumbnail(drawn), mask > 127
        found["whole"].append((_decibels(picture, drawn), _decibels(small, drawn)))
        objects = (_decibels(picture, drawn, where), _decibels(small, drawn, where))
        found["objects"].append(objects)
        if asked.scene.relation is not None:
            found["two"].append(objects)
    names = {
        "whole": ("autoencoder on held-out scenes, PSNR: whole picture", 29),
        "objects": ("object pixels", 24),
        "two": ("object pixels, two things", 21),
    }
    return [
        rows.mean(
            names[key][0], [own for own, _ in values], "dB", at_least=names[key][1],
            beside=f"; 32×32 thumbnail {np.mean([other for _, other in values]):.1f} dB",
        )
        for key, values in found.items() if values
    ]  # fmt: skip
