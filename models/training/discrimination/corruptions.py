"""Spoilt pictures: each takes and returns uint8 [128, 128, 3]."""

import io

import numpy as np
from PIL import Image, ImageFilter

from world.scenes import SIZE

Picture = np.ndarray
_ROWS, _COLUMNS = np.mgrid[0:SIZE, 0:SIZE].astype(np.float64)


def blur(picture: Picture, random: np.random.Generator) -> Picture:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(random.uniform(1.8, 5))))


def noisy(picture: Picture, random: np.random.Generator) -> Picture:
    noise = random.uniform(14, 80) * random.standard_normal(picture.shape)
    return np.clip(np.round(picture + noise), 0, 255).astype(np.uint8)


def peppered(picture: Picture, random: np.random.Generator) -> Picture:
    spoilt, hit = picture.copy(), random.random((SIZE, SIZE)) < random.uniform(0.02, 0.3)
    spoilt[hit] = np.where(random.random((int(hit.sum()), 1)) < 0.5, 0, 255)
    return spoilt


def pixelated(picture: Picture, random: np.random.Generator) -> Picture:
    side = SIZE // int(random.choice([4, 8, 16]))
    small = Image.fromarray(picture).resize((side, side), Image.Resampling.BOX)
    return np.asarray(small.resize((SIZE, SIZE), Image.Resampling.NEAREST))


def compressed(picture: Picture, random: np.random.Generator) -> Picture:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=int(random.integers(1, 9)))
    return np.asarray(Image.open(file))


def shuffled(picture: Picture, random: np.random.Generator) -> Picture:
    """Tiles in another order."""
    count = int(random.choice([2, 4, 8]))
    side = SIZE // count
    tiles = picture.reshape(count, side, count, side, 3).transpose(0, 2, 1, 3, 4).reshape(-1, side, side, 3)
    order = random.permutation(len(tiles))
    while (order == np.arange(len(tiles))).all():
        order = random.permutation(len(tiles))
    return tiles[order].reshape(count, count, side, side, 3).transpose(0, 2, 1, 3, 4).reshape(SIZE, SIZE, 3)


def erased(picture: Picture, random: np.random.Generator) -> Picture:
    """Boxes of some colour or noise over the middle."""
    spoilt = picture.copy()
    for _ in range(int(random.integers(1, 5))):
        top, left = random.integers(20, 90, 2).tolist()
        height, width = random.integers(14, 46, 2).tolist()
        box = (slice(top, top + height), slice(left, left + width))
        spoilt[box] = random.integers(0, 256, (*spoilt[box].shape[:2], 3) if random.random() < 0.3 else 3)
    return spoilt


def _moved(picture: Picture, rows: np.ndarray, columns: np.ndarray) -> Picture:
    """The picture read at other places, bilinearly."""
    rows, columns = np.clip(rows, 0, SIZE - 1.001), np.clip(columns, 0, SIZE - 1.001)
    y, x = rows.astype(int), columns.astype(int)
    dy, dx = (rows - y)[..., None], (columns - x)[..., None]
    upper = picture[y, x] * (1 - dx) + picture[y, x + 1] * dx
    lower = picture[y + 1, x] * (1 - dx) + picture[y + 1, x + 1] * dx
    return np.round(upper * (1 - dy) + lower * dy).astype(np.uint8)


def melted(picture: Picture, random: np.random.Generator) -> Picture:
    """Places moved smoothly at random: what a model that has learnt too little does to shapes."""
    cells = int(random.integers(4, 17))
    fields = random.standard_normal((2, cells, cells)).astype(np.float32)
    strength = random.uniform(3.0, 9.0)
    smooth = [np.asarray(Image.fromarray(f).resize((SIZE, SIZE), Image.Resampling.BICUBIC)) for f in fields]
    return _moved(picture, _ROWS + strength * smooth[0], _COLUMNS + strength * smooth[1])


def waved(picture: Picture, random: np.random.Generator) -> Picture:
    strength, length = random.uniform(3, 9), random.uniform(8, 40)
    shift = strength * np.sin(2 * np.pi * (_ROWS if random.random() < 0.5 else _COLUMNS) / length)
    return _moved(picture, _ROWS, _COLUMNS + shift) if random.random() < 0.5 else _moved(picture, _ROWS + shift, _COLUMNS)


def smeared(picture: Picture, random: np.random.Generator) -> Picture:
    """Copies of itself seen through it, moved."""
    total = picture.astype(np.float64)
    copies = int(random.integers(1, 4))
    for _ in range(copies):
        total += np.roll(picture, random.integers(-28, 29, 2).tolist(), (0, 1))
    return np.round(total / (copies + 1)).astype(np.uint8)


def overlaid(picture: Picture, random: np.random.Generator) -> Picture:
    """Lines across it."""
    period, width = int(random.integers(5, 20)), int(random.integers(1, 4))
    along = (_ROWS if random.random() < 0.5 else _COLUMNS) + (_COLUMNS if random.random() < 0.3 else 0)
    spoilt = picture.copy()
    spoilt[along.astype(int) % period < width] = random.integers(0, 256, 3)
    return spoilt


def emptied(picture: Picture, random: np.random.Generator) -> Picture:
    """Nothing but the background, or next to nothing."""
    spoilt = np.empty_like(picture)
    spoilt[:] = picture[2, 2]
    if random.random() < 0.6:
        faint = random.uniform(0.05, 0.3)
        blurred = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(random.uniform(2, 8))))
        spoilt = np.round(spoilt * (1 - faint) + blurred * faint).astype(np.uint8)
    return spoilt


def swirled(picture: Picture, random: np.random.Generator) -> Picture:
    dy, dx = _ROWS - SIZE / 2, _COLUMNS - SIZE / 2
    angle = random.choice([-1, 1]) * random.uniform(1.5, 4) * np.exp(-np.hypot(dy, dx) / random.uniform(18, 36))
    cos, sin = np.cos(angle), np.sin(angle)
    return _moved(picture, SIZE / 2 + cos * dy + sin * dx, SIZE / 2 - sin * dy + cos * dx)


def dragged(picture: Picture, random: np.random.Generator) -> Picture:
    """Blurred along a line."""
    length, angle = int(random.integers(8, 24)), random.uniform(0, np.pi)
    shifts = [(round(i * np.sin(angle)), round(i * np.cos(angle))) for i in range(-length // 2, length // 2)]
    return np.round(np.mean([np.roll(picture, shift, (0, 1)) for shift in shifts], axis=0)).astype(np.uint8)


KINDS = (
    blur, noisy, peppered, pixelated, compressed, shuffled, erased, melted, melted, waved, smeared, overlaid, emptied,
)  # fmt: skip
HELD_OUT_KINDS = (swirled, dragged)  # drawn by evaluation only


def draw(picture: Picture, random: np.random.Generator, kinds: tuple = KINDS) -> Picture:
    """The picture, spoilt in a random way."""
    return np.ascontiguousarray(kinds[int(random.integers(len(kinds)))](picture, random))


def hybrid(first: Picture, second: Picture, random: np.random.Generator) -> Picture:
    """Half of one picture and half of another, divided upright, level or aslant."""
    normal = ((0, 1), (1, 0), (0.7, 0.7), (0.7, -0.7))[int(random.integers(4))]
    side = (_ROWS - SIZE / 2) * normal[0] + (_COLUMNS - SIZE / 2) * normal[1] > random.uniform(-6, 6)
    return np.where(side[..., None], first, second)
