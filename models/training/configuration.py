"""Where things are, and the choices in config.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRAINING = Path(__file__).parent
SHIPPED = TRAINING.parent / "shipped"
WORK = TRAINING.parent.parent / ".darkroom" / "training"


class TrainingError(RuntimeError):
    """Something a person can put right; the message says how."""


@dataclass(frozen=True)
class Places:
    """`shipped`: the checkpoint's folder. `work`: resumable state, latents and logs, never committed."""

    shipped: Path = SHIPPED
    work: Path = WORK


def load(path: Path = TRAINING / "config.toml") -> dict[str, dict[str, Any]]:
    """The configuration, one table for each part of training."""
    with path.open("rb") as file:
        return tomllib.load(file)
