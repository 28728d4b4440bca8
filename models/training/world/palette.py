"""Named colours (8-bit sRGB) and the way from sRGB to CIE Lab (D65)."""

import numpy as np

BACKGROUNDS: dict[str, tuple[int, int, int]] = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "red": (214, 40, 40),
    "green": (46, 160, 67),
    "blue": (40, 90, 215),
    "yellow": (250, 214, 60),
    "purple": (128, 58, 176),
    "pink": (250, 160, 195),
}

_RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    dtype=np.float32,
)
_WHITE = np.array([0.95047, 1.0, 1.08883], dtype=np.float32)


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """CIE Lab of sRGB values. `rgb`: [..., 3] in 0..255, any dtype. Returns float32 [..., 3]."""
    c = np.asarray(rgb, dtype=np.float32) / 255.0
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _RGB_TO_XYZ.T / _WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16.0 / 116.0)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], axis=-1).astype(np.float32)


def distance(a: tuple[int, int, int], b: tuple[int, int, int]) -> float:
    """Euclidean distance of two sRGB colours in Lab (delta E 1976)."""
    return float(np.linalg.norm(to_lab(np.array(a)) - to_lab(np.array(b))))
