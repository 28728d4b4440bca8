"""Sprites: things cut out, scaled and cached, ready to be pasted with NumPy."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from . import fonts, garments
from .things import all_things


@dataclass(frozen=True)
class Sprite:
    """`colour`: premultiplied uint8 [height, width, 3]; `alpha`: uint8 [height, width, 1]."""

    colour: np.ndarray
    alpha: np.ndarray


@lru_cache(maxsize=None)
def _emoji(text: str) -> Image.Image:
    """An emoji at the font's own size, RGBA, cut to what is drawn."""
    canvas = Image.new("RGBA", (160, 160), (0, 0, 0, 0))
    font = fonts.load(fonts.EMOJI_FONT, fonts.EMOJI_PIXELS)
    ImageDraw.Draw(canvas).text((8, 8), text, font=font, embedded_color=True)
    return canvas.crop(canvas.getbbox())


@lru_cache(maxsize=None)
def _digit_mask(digit: str, font: str) -> Image.Image:
    """A digit as an alpha mask, 160 pixels an em, cut to what is drawn."""
    canvas = Image.new("L", (200, 240), 0)
    ImageDraw.Draw(canvas).text((40, 20), digit, font=fonts.load(font, 160), fill=255)
    return canvas.crop(canvas.getbbox())


@lru_cache(maxsize=None)
def _source(thing_id: int, variant: int) -> Image.Image:
    """A thing's picture in its own size: RGBA, or L (an alpha mask to be coloured) for digits."""
    thing = all_things()[thing_id]
    if thing.kind == "digit":
        names = fonts.DIGIT_FONTS + fonts.HELD_OUT_DIGIT_FONTS
        return _digit_mask(thing.name[-1], names[variant])
    if thing.kind == "garment":
        base = garments.draw_pullover() if thing.emoji is None else _emoji(thing.emoji)
        return garments.variant(base, variant)
    return _emoji(thing.emoji)


def variant_count(thing_id: int) -> int:
    """How many looks of a thing training may draw (held-out looks are numbered after them)."""
    kind = all_things()[thing_id].kind
    return {"digit": len(fonts.DIGIT_FONTS), "garment": garments.TRAINING_VARIANTS}.get(kind, 1)


@lru_cache(maxsize=None)
def _scaled(thing_id: int, variant: int, size: int) -> np.ndarray:
    """uint8 [h, w, 4] premultiplied, or [h, w] for a mask, its longer side `size` pixels."""
    source = _source(thing_id, variant)
    ratio = size / max(source.size)
    shape = tuple(max(1, round(side * ratio)) for side in source.size)
    if source.mode == "L":
        return np.asarray(source.resize(shape, Image.Resampling.LANCZOS))
    # Premultiplied before scaling, so that what lies under transparent pixels cannot bleed into the edge.
    rgba = np.asarray(source, dtype=np.float32)
    rgba = np.concatenate([rgba[..., :3] * rgba[..., 3:] / 255.0, rgba[..., 3:]], axis=-1)
    premultiplied = Image.fromarray(np.round(rgba).astype(np.uint8), "RGBA")
    channels = [c.resize(shape, Image.Resampling.LANCZOS) for c in premultiplied.split()]
    scaled = np.stack([np.asarray(c) for c in channels], axis=-1)
    return np.minimum(scaled, scaled[..., 3:])


def sprite(thing_id: int, variant: int, size: int, ink: tuple[int, int, int]) -> Sprite:
    """The thing with its longer side `size` pixels. `ink` colours digits; others ignore it."""
    scaled = _scaled(thing_id, variant, size)
    if scaled.ndim == 2:
        alpha = scaled[..., None]
        colour = (alpha.astype(np.uint16) * np.array(ink, dtype=np.uint16) + 127) // 255
        return Sprite(colour.astype(np.uint8), alpha)
    return Sprite(scaled[..., :3], scaled[..., 3:])
