"""Files of pictures as people send them, and their pixels as diffusers' `load_image` reads them."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import torch
from diffusers.utils import load_image
from PIL import Image

from golden_files import write_tensors

WIDTH, HEIGHT = 21, 13
# By the number of bits: which samples are read together. x, y and the steps between them.
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def make(root: Path) -> None:
    folder = root / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    pixels = {}
    for name, file in _files().items():
        (folder / name).write_bytes(file)
        pixels[name] = torch.from_numpy(np.array(load_image(Image.open(io.BytesIO(file)))))
    write_tensors(folder / "pixels.safetensors", pixels)


def _files() -> dict[str, bytes]:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    rgba = np.stack([x * 12, y * 19, (x + y) * 7, np.where(x > 10, 255, y * 9)], axis=-1).astype(np.uint8)
    colour, see_through = Image.fromarray(rgba[..., :3].copy()), Image.fromarray(rgba)
    grey, colours = colour.convert("L"), colour.quantize(17)
    exif = Image.Exif()
    files = {
        "grey.png": _saved(grey, "PNG"),
        "grey_alpha.png": _saved(see_through.convert("LA"), "PNG"),
        "palette.png": _saved(colours, "PNG", transparency=3),
        "black_and_white.png": _saved(colour.convert("1"), "PNG"),
        "alpha.png": _saved(see_through, "PNG"),
        "plain.jpg": _saved(colour, "JPEG", quality=90),
        "progressive.jpg": _saved(colour, "JPEG", quality=80, progressive=True, subsampling="4:2:2"),
        "full_colour.jpg": _saved(colour, "JPEG", quality=95, subsampling="4:4:4"),
        "grey.jpg": _saved(grey, "JPEG"),
        "lossy.webp": _saved(colour, "WEBP", quality=80),
        "lossless_alpha.webp": _saved(see_through, "WEBP", lossless=True, exact=True),
        "lossy_alpha.webp": _saved(see_through, "WEBP", quality=70),
    }
    for orientation in range(1, 9):
        exif[0x0112] = orientation
        files[f"turned_{orientation}.jpg"] = _saved(colour, "JPEG", exif=exif, subsampling="4:4:4")
    files["turned_8.webp"] = _saved(colour, "WEBP", lossless=True, exif=exif)
    files["turned_8.png"] = _saved(colour, "PNG", exif=exif)
    wide = (rgba[..., :3].astype(np.uint16) * 257 + y[..., None]).astype(">u2")
    files["16_bit.png"] = _png(16, 2, _rows(wide))
    files["interlaced.png"] = _png(8, 6, b"".join(_rows(rgba[v::dy, u::dx]) for u, v, dx, dy in ADAM7), interlace=1)
    narrow = (rgba[..., 0] // 64).astype(np.uint8)
    files["interlaced_2_bit.png"] = _png(
        2, 0, b"".join(_packed(narrow[v::dy, u::dx]) for u, v, dx, dy in ADAM7), interlace=1
    )
    return files


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def _rows(samples: np.ndarray) -> bytes:
    return b"".join(b"\0" + row.tobytes() for row in samples)


def _packed(samples: np.ndarray) -> bytes:
    bits = (samples[..., None] >> np.array([1, 0])) & 1
    return b"".join(b"\0" + np.packbits(row.reshape(-1)).tobytes() for row in bits)


def _png(depth: int, colour_type: int, rows: bytes, interlace: int = 0) -> bytes:
    """What Pillow reads but does not write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour_type, 0, 0, interlace)
    data = zlib.compress(rows)
    half = len(data) // 2
    chunks = [(b"IHDR", header), (b"IDAT", data[:half]), (b"IDAT", data[half:]), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, body) for name, body in chunks)
