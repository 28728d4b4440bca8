"""Contact sheets: rows of pictures in one PNG."""

from pathlib import Path

import numpy as np
from PIL import Image

from loop import write_atomically


def write_sheet(pictures: list[np.ndarray], file: Path, columns: int, scale: float = 1.0) -> None:
    """Lay out uint8 [h, w, 3] pictures of one size in rows of `columns`."""
    blank = np.full_like(pictures[0], 255)
    padded = pictures + [blank] * (-len(pictures) % columns)
    rows = [np.concatenate(padded[i : i + columns], axis=1) for i in range(0, len(padded), columns)]
    sheet = Image.fromarray(np.concatenate(rows))
    if scale != 1.0:
        size = (round(sheet.width * scale), round(sheet.height * scale))
        sheet = sheet.resize(size, Image.Resampling.LANCZOS)
    write_atomically(file, lambda temporary: sheet.save(temporary, format="PNG", optimize=True))
