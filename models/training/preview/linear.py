"""A block of pixels for each cell of a latent, linear in the cells around it: what models/preview.ts computes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LinearPreview:
    """`weight` float32 [pixels * pixels * 3, channels, kernel, kernel], `bias` float32 [pixels * pixels * 3], both in bytes'
    units of 0..255. Their rows are the block's bytes in order: row, column, colour."""

    pixels: int  # a side of a block
    weight: np.ndarray
    bias: np.ndarray

    def pictures(self, latents: np.ndarray) -> np.ndarray:
        """Scaled latents float32 [n, channels, h, w] to uint8 [n, h * pixels, w * pixels, 3]."""
        n, _, h, w = latents.shape
        near = neighbourhoods(latents, self.weight.shape[-1])
        made = near[:, :-1] @ self.weight.reshape(len(self.weight), -1).T.astype(np.float64) + self.bias
        rows = made.reshape(n, h, w, self.pixels, self.pixels, 3).transpose(0, 1, 3, 2, 4, 5)
        return rows.reshape(n, h * self.pixels, w * self.pixels, 3).round().clip(0, 255).astype(np.uint8)


def neighbourhoods(latents: np.ndarray, kernel: int) -> np.ndarray:
    """[n, channels, h, w] to float64 [n * h * w, channels * kernel * kernel + 1]: what is around each cell, the edge repeated
    beyond the border, and a last column of ones."""
    n, channels, h, w = latents.shape
    padded = np.pad(latents, ((0, 0), (0, 0), *((kernel // 2, kernel // 2),) * 2), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
    near = np.ones((n * h * w, channels * kernel * kernel + 1))
    near[:, :-1] = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * h * w, -1)
    return near


def reduced(pictures: np.ndarray, height: int) -> np.ndarray:
    """uint8 [n, H, W, 3] to float64 [n, height, ..., 3]: each pixel the mean of those that it stands for."""
    n, whole, width, colours = pictures.shape
    factor = whole // height
    parts = pictures.reshape(n, height, factor, width // factor, factor, colours)
    return parts.astype(np.float64).mean((2, 4))


def _blocks(pictures: np.ndarray, height: int, pixels: int) -> np.ndarray:
    """uint8 pictures of latents of `height` cells to float64 [n * height * ..., pixels * pixels * 3]."""
    small = reduced(pictures, height * pixels)
    n, h, w, colours = small.shape
    cells = small.reshape(n, h // pixels, pixels, w // pixels, pixels, colours)
    return cells.transpose(0, 1, 3, 2, 4, 5).reshape(-1, pixels * pixels * colours)


def fit(
    batches: Iterable[tuple[np.ndarray, np.ndarray]], kernel: int, choices: Sequence[int], ridge: float
) -> dict[int, LinearPreview]:
    """Least squares over batches of scaled latents and their pictures, for each side of a block in `choices`.

    `ridge`: the penalty on squared weights (the bias has none), as a share of the features' mean square. It is as if latents
    had that much noise: what a UNet draws has some, and large weights that cancel each other would make it seen.
    """
    inner: np.ndarray | float = 0.0
    outer: dict[int, np.ndarray | float] = dict.fromkeys(choices, 0.0)
    for latents, pictures in batches:
        channels, height = latents.shape[1:3]
        near = neighbourhoods(latents, kernel)
        inner = inner + near.T @ near
        for pixels in choices:
            outer[pixels] = outer[pixels] + near.T @ _blocks(pictures, height, pixels)
    penalty = np.full(len(inner), ridge * np.trace(inner[:-1, :-1]) / (len(inner) - 1))
    penalty[-1] = 0
    made = {}
    for pixels in choices:
        solved = np.linalg.solve(inner + np.diag(penalty), outer[pixels]).T.astype(np.float32)
        weight = np.ascontiguousarray(solved[:, :-1]).reshape(-1, channels, kernel, kernel)
        made[pixels] = LinearPreview(pixels, weight, np.ascontiguousarray(solved[:, -1]))
    return made
