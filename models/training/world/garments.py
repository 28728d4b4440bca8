"""Variants of the ten garments: recoloured, mirrored and reshaped emoji, and a drawn pullover (Unicode has none)."""

import numpy as np
from PIL import Image, ImageDraw

TRAINING_VARIANTS = 24
HELD_OUT_VARIANTS = 6  # numbered after the training ones; only evaluation draws them
_ASPECTS = (1.0, 0.88, 1.14)
_HUES = 10


def variant(emoji: Image.Image, number: int) -> Image.Image:
    """The garment `emoji` (RGBA) as variant `number` (0: as it is). Returns RGBA of about the same size."""
    picture = emoji
    if number:
        # The golden ratio spreads hues evenly however many variants are asked for.
        picture = _turn_hue(picture, (number * 0.618034) % 1.0)
        picture = _reshape(picture, _ASPECTS[number % len(_ASPECTS)])
    if number % 2:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return picture


def _turn_hue(picture: Image.Image, turn: float) -> Image.Image:
    """Turn every hue by `turn` of a full circle, alpha kept."""
    hsv = np.array(picture.convert("RGB").convert("HSV"))
    hsv[..., 0] = (hsv[..., 0].astype(np.int32) + round(turn * 256)) % 256
    turned = Image.fromarray(hsv, "HSV").convert("RGB")
    turned.putalpha(picture.getchannel("A"))
    return turned


def _reshape(picture: Image.Image, aspect: float) -> Image.Image:
    width = max(1, round(picture.width * aspect))
    return picture.resize((width, picture.height), Image.Resampling.BICUBIC)


def draw_pullover() -> Image.Image:
    """A knitted pullover, 128 x 128 RGBA: long hanging sleeves, round neck, ribbed cuffs and hem."""
    scale = 4
    canvas = Image.new("RGBA", (128 * scale, 128 * scale), (0, 0, 0, 0))
    draw = ImageDraw.Draw(canvas)
    wool, shade, rib = (226, 108, 62, 255), (196, 84, 44, 255), (150, 58, 30, 255)

    def shape(points: list[tuple[float, float]], colour: tuple[int, int, int, int]) -> None:
        draw.polygon([(x * scale, y * scale) for x, y in points], fill=colour)

    def both_sides(points: list[tuple[float, float]], colour: tuple[int, int, int, int]) -> None:
        shape(points, colour)
        shape([(128 - x, y) for x, y in points], colour)

    both_sides([(40, 14), (20, 26), (4, 104), (24, 110), (38, 56)], shade)
    shape([(40, 14), (88, 14), (98, 30), (95, 116), (33, 116), (30, 30)], wool)
    both_sides([(4, 104), (24, 110), (22, 120), (2, 114)], rib)
    shape([(33, 110), (95, 110), (95, 122), (33, 122)], rib)
    draw.ellipse([46 * scale, 2 * scale, 82 * scale, 32 * scale], fill=rib)
    draw.ellipse([51 * scale, 0, 77 * scale, 25 * scale], fill=(92, 34, 18, 255))
    for y in (54, 66, 78):  # a band of zigzag knitting across the chest
        points = [(34 + 6 * i, y + (4 if i % 2 else -4)) for i in range(11)]
        draw.line([(x * scale, yy * scale) for x, yy in points], fill=(250, 226, 190, 255), width=3 * scale)
    return canvas.resize((128, 128), Image.Resampling.LANCZOS)
