"""What an evaluation wants of the checkpoint, and what came of it. Darkroom itself (TypeScript) stands between the two.

`write` leaves job.json (prompts, seeds) and references.safetensors (renderings for the autoencoder) in a folder;
scripts/evaluate.ts makes the pictures and leaves results.json there; `Made` reads it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

from loop import write_atomically, write_json
from world import scenes

from . import prompts
from .prompts import Asked

_SETS: dict[str, tuple[Callable[[int], list[Asked]], int]] = {  # how each is drawn, and how many a full evaluation has
    "singles": (prompts.singles, 300),
    "seen": (prompts.seen_pairs, 200),
    "unseen": (prompts.unseen_pairs, 200),
    "sheet": (prompts.sheet, 24),
    "best": (prompts.best_of, 200),
}
_TIMED = 20


@dataclass(frozen=True)
class Needs:
    """What a part of the evaluation has to have made: sets of pictures, reconstructions, times."""

    pictures: tuple[str, ...] = ()
    reconstructions: bool = False
    times: bool = False


def asked(name: str, count: int | None) -> list[Asked]:
    """One set of what is asked, at most `count` of it."""
    draw, full = _SETS[name]
    return draw(full if count is None else min(count, full))


def write(folder: Path, needs: dict[str, Needs], count: int | None) -> None:
    """Say what is to be made for the parts that `needs` names."""
    names = [name for name in _SETS if any(name in need.pictures for need in needs.values())]
    wanted = [each for name in names for each in asked(name, count)]
    references = _reconstructed(count) if any(need.reconstructions for need in needs.values()) else []
    timed = asked("singles", _TIMED if count is None else min(count, _TIMED)) if any(n.times for n in needs.values()) else []
    folder.mkdir(parents=True, exist_ok=True)
    if references:
        drawn = np.stack([scenes.render(each.scene)[0] for each in references])
        write_atomically(folder / "references.safetensors", lambda temporary: save_file({"pictures": drawn}, temporary))
    write_json(folder / "job.json", {
        "parts": list(needs),
        "count": count,
        "sets": names,
        "pictures": [_request(each) for each in wanted],
        "references": len(references),
        "timed": [_request(each) for each in [*timed[:1], *timed]],
    })  # fmt: skip


def _request(each: Asked) -> dict[str, Any]:
    return {"prompt": each.prompt, "seed": each.seed, **({} if each.steps is None else {"steps": each.steps})}


def _reconstructed(count: int | None) -> list[Asked]:
    """Held-out scenes for the autoencoder: all single ones, and pairs."""
    return asked("singles", count) + asked("seen", count)


@dataclass(frozen=True)
class Made:
    """What the checkpoint made."""

    folder: Path
    checkpoint: Path

    @cached_property
    def job(self) -> dict[str, Any]:
        return json.loads((self.folder / "job.json").read_text(encoding="utf-8"))

    @cached_property
    def results(self) -> dict[str, Any]:
        return json.loads((self.folder / "results.json").read_text(encoding="utf-8"))

    @property
    def count(self) -> int | None:
        return self.job["count"]

    def asked(self, name: str) -> list[Asked]:
        return asked(name, self.count)

    def pictures(self, name: str) -> list[np.ndarray]:
        """What was made of a set, uint8 [128, 128, 3] each."""
        first = sum(len(self.asked(earlier)) for earlier in self.job["sets"][: self.job["sets"].index(name)])
        names = self.results["pictures"][first : first + len(self.asked(name))]
        return [_read(self.folder / "pictures" / file) for file in names]

    @cached_property
    def reconstructions(self) -> list[tuple[Asked, np.ndarray]]:
        """Held-out scenes and what the autoencoder made of their renderings."""
        names = self.results["reconstructions"]
        return [
            (scene, _read(self.folder / "reconstructions" / file))
            for scene, file in zip(_reconstructed(self.count), names, strict=True)
        ]


def _read(file: Path) -> np.ndarray:
    with Image.open(file) as picture:
        return np.array(picture.convert("RGB"))
