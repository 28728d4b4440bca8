"""Contact sheets with words under the pictures: for eyes that check the judge."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from loop import write_atomically
from world import scenes

_COLUMNS = 10
_ROOM = 28  # pixels under a picture: two lines
_WRONG, _RIGHT = (190, 0, 0), (0, 110, 0)


def write_labelled(file: Path, pictures: list[np.ndarray], labels: list[tuple[str, str]], right: list[bool]) -> None:
    """Every picture with what was asked, and where it is not right what is said of it instead."""
    side, lines = scenes.SIZE, -(-len(pictures) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * side, lines * (side + _ROOM)), "white")
    draw = ImageDraw.Draw(sheet)
    for i, (picture, (wanted, said), good) in enumerate(zip(pictures, labels, right, strict=True)):
        x, y = i % _COLUMNS * side, i // _COLUMNS * (side + _ROOM)
        sheet.paste(Image.fromarray(picture), (x, y))
        draw.text((x + 2, y + side + 1), wanted[:22], fill=_RIGHT if good else _WRONG)
        if not good:
            draw.text((x + 2, y + side + 13), said[:22], fill=_WRONG)
    write_atomically(file, lambda temporary: sheet.save(temporary, format="PNG", optimize=True))
