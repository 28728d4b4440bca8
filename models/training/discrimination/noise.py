"""Random pixels of many kinds, uint8 [128, 128, 3]."""

import numpy as np
from PIL import Image

from world.scenes import SIZE


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def uniform(random: np.random.Generator) -> np.ndarray:
    return random.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)


def gaussian(random: np.random.Generator) -> np.ndarray:
    """Around a colour, of some strength."""
    return _bytes(random.uniform(0, 255, 3) + random.uniform(25, 90) * random.standard_normal((SIZE, SIZE, 3)))


def grey(random: np.random.Generator) -> np.ndarray:
    return np.repeat(random.integers(0, 256, (SIZE, SIZE, 1), dtype=np.uint8), 3, axis=2)


def coarse(random: np.random.Generator) -> np.ndarray:
    """In blocks or soft spots of several pixels."""
    side = int(random.integers(4, 64))
    small = Image.fromarray(random.integers(0, 256, (side, side, 3), dtype=np.uint8))
    how = Image.Resampling.NEAREST if random.random() < 0.5 else Image.Resampling.BICUBIC
    return np.asarray(small.resize((SIZE, SIZE), how))


def spectral(random: np.random.Generator) -> np.ndarray:
    """Of power falling with frequency, from white to clouds."""
    frequency = np.hypot(np.fft.fftfreq(SIZE)[:, None], np.fft.rfftfreq(SIZE)[None])
    frequency[0, 0] = 1 / SIZE
    waves = np.fft.rfft2(random.standard_normal((3, SIZE, SIZE))) * frequency ** -random.uniform(0.3, 2.2)
    field = np.fft.irfft2(waves, (SIZE, SIZE)).transpose(1, 2, 0)
    return _bytes(random.uniform(40, 215, 3) + random.uniform(30, 80) * field / field.std())


KINDS = (uniform, gaussian, grey, coarse, spectral)


def draw(random: np.random.Generator) -> np.ndarray:
    """Noise of a random kind."""
    return KINDS[int(random.integers(len(KINDS)))](random)
