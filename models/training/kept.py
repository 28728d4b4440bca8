"""Arrays that take long to make, kept on disk."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from loop import write_atomically


def kept(file: Path, make: Callable[[], np.ndarray]) -> np.ndarray:
    """The array in `file` (.npy), made and written first where it is not yet there."""
    if not file.exists():
        made = make()

        def save(temporary: Path) -> None:
            with temporary.open("wb") as opened:
                np.save(opened, made)

        write_atomically(file, save)
    return np.load(file)
