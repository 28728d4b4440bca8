"""What the judge learns from and is tested with: true renderings, and pictures that are none of any thing.

Every specimen is a scene's thing, spoilt or not. Lengths are in shares of the thing's longer side where nothing else is said.
"""

from dataclasses import replace

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch.nn.functional import affine_grid, grid_sample, interpolate

from world import scenes
from world.scenes import Placed, Scene
from world.sprites import variant_count
from world.things import all_things

_BLURRED = (0.045, 0.11)  # deviation of a blur that leaves no picture of a thing: 4 pixels and more where it has 92,
_BLURRED_LEAST = 3.0  # and never less than this many
_HARDLY_BLURRED = (0.0, 1.5)  # pixels: a decoder smooths small things as much as large ones
_HARDLY_BENT = (0.0, 0.02)
_MELTED = (0.055, 0.09)
_HALF = 0.9  # a hybrid that is more like one of its parents than this is that parent


def _redraw(scene: Scene, place: int, placed: Placed) -> np.ndarray:
    things = list(scene.things)
    things[place] = placed
    return scenes.render(replace(scene, things=tuple(things)))[0]


def _another(placed: Placed, random: np.random.Generator) -> Placed:
    """Another thing in the same place."""
    thing = (placed.thing_id + 1 + int(random.integers(len(all_things()) - 1))) % len(all_things())
    return replace(placed, thing_id=thing, variant=int(random.integers(variant_count(thing))))


def blur(picture: np.ndarray, deviation: float) -> np.ndarray:
    """A Gaussian blur of `deviation` pixels."""
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(deviation)))


def bend(picture: np.ndarray, pixels: float, cells: int, random: np.random.Generator) -> np.ndarray:
    """Move everything by about `pixels`, this way here and that way there: smooth over 128 / `cells` pixels."""
    side = picture.shape[0]
    moves = torch.from_numpy(random.standard_normal((1, 2, cells, cells)).astype(np.float32)) * (2 * pixels / side)
    field = interpolate(moves, size=(side, side), mode="bicubic").permute(0, 2, 3, 1)
    still = affine_grid(torch.eye(2, 3)[None], [1, 3, side, side], align_corners=False)
    source = torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None]
    bent = grid_sample(source, still + field, padding_mode="border", align_corners=False)
    return bent[0].permute(1, 2, 0).round().clamp(0, 255).byte().numpy()


def _tinge(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Slightly other colours and a little noise, as an autoencoder has them."""
    gain, offset = random.uniform(0.95, 1.05, 3), random.uniform(-6, 6, 3)
    noise = random.standard_normal(picture.shape, dtype=np.float32) * random.uniform(0, 5)
    return np.clip(picture * gain + offset + noise, 0, 255).round().astype(np.uint8)


def _alike(a: np.ndarray, b: np.ndarray, ground: np.ndarray) -> float:
    """Likeness of two pictures on the same background, 1 where they are equal."""
    x, y = a.astype(np.float32) - ground, b.astype(np.float32) - ground
    return 1 - float(((x - y) ** 2).sum() / ((x**2).sum() + (y**2).sum() + 1e-6))


def rendering(scene: Scene, place: int, random: np.random.Generator) -> np.ndarray:
    """A true rendering, hardly spoilt at all."""
    picture, size = scenes.render(scene)[0], scene.things[place].size
    if random.random() < 0.3:
        return picture
    if random.random() < 0.5:
        picture = bend(picture, size * random.uniform(*_HARDLY_BENT), int(random.integers(4, 9)), random)
    if random.random() < 0.6:
        picture = blur(picture, random.uniform(*_HARDLY_BLURRED))
    return _tinge(picture, random)


def blurred(scene: Scene, place: int, random: np.random.Generator) -> np.ndarray:
    """A rendering so blurred that hardly more than colours is left."""
    deviation = max(_BLURRED_LEAST, scene.things[place].size * random.uniform(*_BLURRED))
    return blur(scenes.render(scene)[0], deviation)


def hybrid(scene: Scene, place: int, random: np.random.Generator) -> np.ndarray:
    """Half one thing, half another: cut straight through the middle, at any angle."""
    return _of_two(scene, place, random, _halved)


def faded(scene: Scene, place: int, random: np.random.Generator) -> np.ndarray:
    """Two things seen through each other."""
    return _of_two(scene, place, random, _mixed)


def _of_two(scene: Scene, place: int, random: np.random.Generator, join) -> np.ndarray:
    mine, picture = scene.things[place], scenes.render(scene)[0]
    ground = picture[0, 0].astype(np.float32)
    (x, y), reach = mine.centre, mine.size // 2
    here = slice(max(0, y - reach), y + reach), slice(max(0, x - reach), x + reach)
    while True:
        other = _redraw(scene, place, _another(mine, random))
        joined = join(picture, other, mine, random)
        if max(_alike(joined[here], whole[here], ground) for whole in (picture, other)) < _HALF:
            return joined


def _halved(a: np.ndarray, b: np.ndarray, placed: Placed, random: np.random.Generator) -> np.ndarray:
    angle, beside = random.uniform(0, 2 * np.pi), placed.size * random.uniform(-0.1, 0.1)
    if random.random() < 0.6:
        angle = np.round(angle / (np.pi / 2)) * np.pi / 2
    y, x = np.mgrid[: a.shape[0], : a.shape[1]]
    across = (x - placed.centre[0]) * np.cos(angle) + (y - placed.centre[1]) * np.sin(angle)
    return np.where((across > beside)[..., None], a, b)


def _mixed(a: np.ndarray, b: np.ndarray, placed: Placed, random: np.random.Generator) -> np.ndarray:
    share = random.uniform(0.35, 0.65)
    return (a * share + b * (1 - share)).round().astype(np.uint8)


def melted(scene: Scene, place: int, random: np.random.Generator) -> np.ndarray:
    """A rendering like wax near a fire: pushed about in small pieces, and smooth."""
    size = scene.things[place].size
    cells = round(scenes.SIZE / (size * random.uniform(0.09, 0.14)))
    picture = bend(scenes.render(scene)[0], size * random.uniform(*_MELTED), cells, random)
    return blur(picture, size * random.uniform(0.015, 0.04))


def blank(scene: Scene, place: int, random: np.random.Generator) -> np.ndarray:
    """Nothing: a background with cloudy or grainy noise."""
    picture = np.empty((scenes.SIZE, scenes.SIZE, 3), dtype=np.float32)
    picture[:] = scenes.render(scene)[0][0, 0]
    cells = int(random.integers(4, 65))
    clouds = torch.from_numpy(random.standard_normal((1, 3, cells, cells)).astype(np.float32))
    clouds = interpolate(clouds, size=(scenes.SIZE, scenes.SIZE), mode="bicubic")[0].permute(1, 2, 0).numpy()
    return np.clip(picture + clouds * random.uniform(0, 70), 0, 255).round().astype(np.uint8)
