"""Pictures of another world, drawn by rules: uint8 [128, 128, 3]."""

import numpy as np
from PIL import Image, ImageDraw

from world import fonts
from world.palette import BACKGROUNDS
from world.scenes import SIZE

_ROWS, _COLUMNS = np.mgrid[0:SIZE, 0:SIZE].astype(np.float64) / SIZE
_WORDS = "darkroom latent image film exposes develops paper light shadow silver grain lens shutter print stop bath fix".split()


def _colour(random: np.random.Generator) -> tuple[int, int, int]:
    """Any colour; sometimes one of the data's backgrounds, so that those prove nothing."""
    if random.random() < 0.3:
        return list(BACKGROUNDS.values())[int(random.integers(len(BACKGROUNDS)))]
    red, green, blue = random.integers(0, 256, 3).tolist()
    return red, green, blue


def _blend(share: np.ndarray, colours: list[tuple[int, int, int]]) -> np.ndarray:
    """Colours along `share` (0..1, [h, w])."""
    stops = np.array(colours, dtype=np.float64)
    at = np.clip(share, 0, 1) * (len(stops) - 1)
    low = np.minimum(at.astype(int), len(stops) - 2)
    rest = (at - low)[..., None]
    return np.round(stops[low] * (1 - rest) + stops[low + 1] * rest).astype(np.uint8)


def _colours(random: np.random.Generator, least: int, most: int) -> list[tuple[int, int, int]]:
    return [_colour(random) for _ in range(int(random.integers(least, most + 1)))]


def _along(random: np.random.Generator) -> np.ndarray:
    angle = random.uniform(0, 2 * np.pi)
    return (_ROWS - 0.5) * np.sin(angle) + (_COLUMNS - 0.5) * np.cos(angle)


def gradient(random: np.random.Generator) -> np.ndarray:
    if random.random() < 0.5:
        return _blend(_along(random) / 1.4 + 0.5, _colours(random, 2, 5))
    x, y = random.uniform(0.1, 0.9, 2)
    return _blend(np.hypot(_ROWS - y, _COLUMNS - x) / random.uniform(0.5, 1.1), _colours(random, 2, 5))


def stripes(random: np.random.Generator) -> np.ndarray:
    wave = np.sin(_along(random) * random.uniform(15, 150) + random.uniform(0, 6))
    if random.random() < 0.4:  # crossed: a chequered cloth
        wave = wave * np.sin(_along(random) * random.uniform(15, 150))
    return _blend((wave > 0).astype(float) if random.random() < 0.5 else wave / 2 + 0.5, _colours(random, 2, 2))


def dots(random: np.random.Generator) -> np.ndarray:
    step = random.uniform(0.06, 0.25)
    distance = np.hypot((_ROWS / step) % 1 - 0.5, (_COLUMNS / step + random.uniform(0, 1)) % 1 - 0.5)
    return _blend((distance < random.uniform(0.15, 0.45)).astype(float), _colours(random, 2, 2))


def voronoi(random: np.random.Generator) -> np.ndarray:
    """A mosaic; with borders as of stained glass now and then."""
    count = int(random.integers(8, 60))
    centres = random.uniform(0, 1, (count, 2))
    distances = np.hypot(_ROWS[..., None] - centres[:, 0], _COLUMNS[..., None] - centres[:, 1])
    colours = np.array([_colour(random) for _ in range(count)], dtype=np.uint8)
    picture = colours[distances.argmin(2)]
    if random.random() < 0.5:
        nearest = np.sort(distances, axis=2)
        picture[nearest[..., 1] - nearest[..., 0] < 0.012] = 0
    return picture


def shapes(random: np.random.Generator) -> np.ndarray:
    """Many simple shapes, one over the other."""
    picture = Image.new("RGB", (SIZE, SIZE), _colour(random))
    draw = ImageDraw.Draw(picture)
    for _ in range(int(random.integers(6, 40))):
        x, y = random.integers(-20, SIZE, 2).tolist()
        width, height = random.integers(6, 60, 2).tolist()
        kind, colour = random.integers(4), _colour(random)
        if kind == 0:
            draw.ellipse([x, y, x + width, y + height], fill=colour)
        elif kind == 1:
            draw.rectangle([x, y, x + width, y + height], fill=colour)
        elif kind == 2:
            draw.polygon([tuple(p) for p in random.integers(-10, SIZE + 10, (3, 2)).tolist()], fill=colour)
        else:
            draw.line([x, y, x + width * 2, y + height], fill=colour, width=int(random.integers(1, 7)))
    return np.asarray(picture)


def page(random: np.random.Generator) -> np.ndarray:
    """Lines of text."""
    picture = Image.new("RGB", (SIZE, SIZE), _colour(random))
    draw, ink, size = ImageDraw.Draw(picture), _colour(random), int(random.integers(7, 26))
    font = fonts.load(fonts.DIGIT_FONTS[int(random.integers(len(fonts.DIGIT_FONTS)))], size)
    for y in range(int(random.integers(0, 10)), SIZE, round(size * 1.25)):
        line = " ".join(_WORDS[i] for i in random.integers(0, len(_WORDS), 6).tolist())
        draw.text((int(random.integers(-20, 8)), y), line, font=font, fill=ink)
    return np.asarray(picture)


def landscape(random: np.random.Generator) -> np.ndarray:
    """A sky and some ridges."""
    picture = _blend(_ROWS, _colours(random, 2, 3)).copy()
    for depth in range(int(random.integers(1, 5))):
        waves = sum(
            random.uniform(0, 0.12) / k * np.sin(2 * np.pi * k * _COLUMNS[0] * random.uniform(0.5, 2) + random.uniform(0, 6))
            for k in range(1, 8)
        )
        picture[_ROWS > 0.35 + 0.14 * depth + waves] = _colour(random)
    return picture


def mandelbrot(random: np.random.Generator) -> np.ndarray:
    return _fractal(random, julia=False)


def julia(random: np.random.Generator) -> np.ndarray:
    return _fractal(random, julia=True)


def _fractal(random: np.random.Generator, julia: bool) -> np.ndarray:
    plane = (_COLUMNS - 0.5 + 1j * (_ROWS - 0.5)) * random.uniform(0.4, 3.0)
    plane = plane + (0 if julia else complex(random.uniform(-1.2, 0.2), random.uniform(-0.8, 0.8)))
    c = 0.78 * np.exp(1j * random.uniform(0, 2 * np.pi)) if julia else plane
    z, escaped = plane.copy(), np.zeros(plane.shape)
    for i in range(24):
        z = z * z + c
        out = (np.abs(z) > 2) & (escaped == 0)
        escaped[out] = i + 1
        z[np.abs(z) > 2] = 0 if julia else 3  # kept from overflowing
    return _blend(escaped / 24, _colours(random, 3, 6))


def truchet(random: np.random.Generator) -> np.ndarray:
    """Quarter circles in tiles, turned at random."""
    tile = int(random.choice([8, 16, 32]))
    y, x = np.mgrid[0:tile, 0:tile] / tile
    arc = (np.abs(np.hypot(y, x) - 0.5) < 0.12) | (np.abs(np.hypot(1 - y, 1 - x) - 0.5) < 0.12)
    count = SIZE // tile
    rows = [np.concatenate([arc if random.random() < 0.5 else arc[:, ::-1] for _ in range(count)], 1) for _ in range(count)]
    return _blend(np.concatenate(rows).astype(float), _colours(random, 2, 2))


KINDS = (gradient, stripes, dots, voronoi, shapes, page, landscape, mandelbrot)
HELD_OUT_KINDS = (julia, truchet)  # drawn by evaluation only


def draw(random: np.random.Generator, kinds: tuple = KINDS) -> np.ndarray:
    """A picture of a random kind."""
    return np.ascontiguousarray(kinds[int(random.integers(len(kinds)))](random))
