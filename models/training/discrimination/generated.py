"""Badly generated pictures: of early checkpoints, out of this repository's history, and of too few steps."""

import io
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline

from configuration import TRAINING, Places, TrainingError
from discrimination.closeness import closeness
from kept import kept
from world import captions, scenes

SCENE_SEED = 5
_PAIR_SHARE = 0.3  # of what early checkpoints draw
_OWN_PAIR_SHARE = 0.7  # and of what the checkpoint in training does: pairs are where its pictures differ most
_BATCH = 10
_GUIDANCE = 3.0


def scene(index: int, is_own: bool) -> scenes.Scene:
    """What picture number `index` of a source was to show; `is_own`: the checkpoint in training is the source."""
    return scenes.scene(SCENE_SEED, index, _OWN_PAIR_SHARE if is_own else _PAIR_SHARE)


@dataclass(frozen=True)
class Source:
    """Whose pictures are wanted, of how many steps, and how many of them to train with. An empty revision is the
    checkpoint in training."""

    revision: str
    steps: int
    count: int

    @property
    def name(self) -> str:
        return f"{self.revision or 'this'}, {self.steps} steps"


def sources(config: dict[str, Any]) -> list[Source]:
    return [Source(revision, int(steps), int(count)) for revision, steps, count in config["generated"]]


def load(places: Places, source: Source, indices: range, model: str) -> np.ndarray:
    """Pictures of scenes `indices` by a source, uint8 [indices, 128, 128, 3]; generated first where they are not yet there.

    `model` names the checkpoint in training: its pictures are kept apart from those of another.
    """

    def make() -> np.ndarray:
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = _checkout(source.revision, Path(folder)) if source.revision else places.shipped
            return generate(checkpoint, source, indices)

    return kept(_file(places, source, indices, model, "pictures"), make)


def close(places: Places, source: Source, indices: range, model: str) -> np.ndarray:
    """How close each of these pictures came to its scene, float32 [indices]."""
    wanted = [scene(i, source.revision == "") for i in indices]
    return kept(
        _file(places, source, indices, model, "closeness"),
        lambda: closeness(list(load(places, source, indices, model)), wanted),
    )


def _file(places: Places, source: Source, indices: range, model: str, what: str) -> Path:
    whose = source.revision or f"{model[:12]}-{round(100 * _OWN_PAIR_SHARE)}"
    return places.work / "pictures" / f"{whose}-{source.steps}-{indices.start}-{indices.stop}-{what}.npy"


def _checkout(revision: str, folder: Path) -> Path:
    """The shipped checkpoint as it was."""
    root = TRAINING.parent.parent
    command = ["git", "-C", str(root), "archive", revision, "models/shipped"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise TrainingError(
            f"the checkpoint of commit {revision} cannot be read from git ({done.stderr.decode().strip()}): "
            "fetch the history, or take it out of `generated` in config.toml"
        )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "models" / "shipped"


def generate(checkpoint: Path, source: Source, indices: range, seed: int = 0) -> np.ndarray:
    """Pictures of scenes `indices` by a checkpoint's folder, uint8 [indices, 128, 128, 3], with a line for each batch."""
    pipeline = StableDiffusionPipeline.from_pretrained(checkpoint, torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    made = []
    for first in range(0, len(indices), _BATCH):
        part = indices[first : first + _BATCH]
        output = pipeline(
            [captions.plain_caption(scene(i, source.revision == "")) for i in part],
            num_inference_steps=source.steps, guidance_scale=_GUIDANCE, height=scenes.SIZE, width=scenes.SIZE,
            generator=[torch.Generator().manual_seed(seed + i) for i in part], output_type="np",
        )  # fmt: skip
        made.append(np.round(output.images * 255).astype(np.uint8))
        print(f"generated {first + len(part)}/{len(indices)} pictures of {source.name}", flush=True)
    return np.concatenate(made)
