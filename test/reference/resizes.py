"""Pictures in other sizes, as diffusers' image processor brings them to one: Pillow's Lanczos."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from golden_files import write_json, write_tensors

# Width and height: larger, smaller by far, one side alone, the same, a single pixel, and an odd mixture.
SIZES = [(64, 40), (8, 5), (37, 8), (8, 23), (37, 23), (1, 1), (33, 64), (36, 24)]


def make(root: Path) -> None:
    draw = np.random.default_rng(3)
    y, x = np.mgrid[0:23, 0:37]
    waves = np.stack([127 + 127 * np.sin(x / 3), 127 + 127 * np.cos(y / 2), 255.0 * ((x // 4 + y // 4) % 2)], axis=-1)
    noise = draw.integers(0, 256, [23, 37, 3])
    pictures = {"waves": waves.round().astype(np.uint8), "noise": noise.astype(np.uint8)}
    tensors = {name: torch.from_numpy(picture) for name, picture in pictures.items()}
    cases = []
    for name, picture in pictures.items():
        for width, height in SIZES:
            case = {"id": f"{name}.{width}x{height}", "picture": name, "width": width, "height": height}
            resized = Image.fromarray(picture).resize((width, height), resample=Image.Resampling.LANCZOS)
            tensors[case["id"]] = torch.from_numpy(np.array(resized))
            cases.append(case)
    write_tensors(root / "resize" / "pictures.safetensors", tensors)
    write_json(root / "resize" / "index.json", {"cases": cases})
