"""Pictures side by side in one file, and what they are in another beside it."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from world.scenes import SIZE


def write(pictures: list[np.ndarray], columns: int, file: Path, about: dict[str, object], quality: int | None = None) -> None:
    """Pictures (uint8 [128, 128, 3]) row by row into `file`, a WebP, lossless without a `quality`; `about` and how they lie
    into the file of that name that ends with `.json`."""
    rows = -(-len(pictures) // columns)
    canvas = np.zeros((rows * SIZE, columns * SIZE, 3), dtype=np.uint8)
    for i, picture in enumerate(pictures):
        y, x = i // columns * SIZE, i % columns * SIZE
        canvas[y : y + SIZE, x : x + SIZE] = picture
    options = {"lossless": True, "quality": 100} if quality is None else {"quality": quality}
    Image.fromarray(canvas).save(file, "WEBP", method=6, **options)
    text = json.dumps({"side": SIZE, "columns": columns, **about}, ensure_ascii=False, indent=2)
    file.with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")
