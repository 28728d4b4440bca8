"""Badly generated pictures: of early checkpoints, out of this repository's history, and of too few steps."""

import io
import subprocess
import tarfile
import tempfile
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
_PAIR_SHARE = 0.3
_BATCH = 10
_GUIDANCE = 3.0


def scene(index: int) -> scenes.Scene:
    """What picture number `index` of every source was to show."""
    return scenes.scene(SCENE_SEED, index, _PAIR_SHARE)


def sources(config: dict[str, Any]) -> list[tuple[str, int]]:
    """(revision, steps): whose pictures are wanted. An empty revision is the checkpoint in training."""
    return [(revision, int(steps)) for revision, steps in config["generated"]]


def load(places: Places, config: dict[str, Any], indices: range, model: str) -> np.ndarray:
    """Pictures of scenes `indices` by every source, uint8 [sources, indices, 128, 128, 3]; generated first where they are
    not yet there.

    `model` names the checkpoint in training: its pictures are kept apart from those of another.
    """
    return np.stack([_load(places, *source, indices, model) for source in sources(config)])


def close(places: Places, config: dict[str, Any], indices: range, model: str) -> np.ndarray:
    """How close each of these pictures came to its scene, float32 [sources, indices]."""
    wanted = [scene(i) for i in indices]
    return np.stack([
        kept(_file(places, *source, indices, model, "closeness"), lambda s=source: closeness(
            list(_load(places, *s, indices, model)), wanted
        ))
        for source in sources(config)
    ])  # fmt: skip


def _file(places: Places, revision: str, steps: int, indices: range, model: str, what: str) -> Path:
    name = f"{revision or model[:12]}-{steps}-{indices.start}-{indices.stop}"
    return places.work / "pictures" / f"{name}-{what}.npy"


def _load(places: Places, revision: str, steps: int, indices: range, model: str) -> np.ndarray:
    def make() -> np.ndarray:
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = _checkout(revision, Path(folder)) if revision else places.shipped
            return generate(checkpoint, steps, indices)

    return kept(_file(places, revision, steps, indices, model, "pictures"), make)


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


def generate(checkpoint: Path, steps: int, indices: range, seed: int = 0) -> np.ndarray:
    """Pictures of scenes `indices` by a checkpoint's folder, uint8 [indices, 128, 128, 3], with a line for each batch."""
    pipeline = StableDiffusionPipeline.from_pretrained(checkpoint, torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    made = []
    for first in range(0, len(indices), _BATCH):
        part = indices[first : first + _BATCH]
        output = pipeline(
            [captions.plain_caption(scene(i)) for i in part],
            num_inference_steps=steps, guidance_scale=_GUIDANCE, height=scenes.SIZE, width=scenes.SIZE,
            generator=[torch.Generator().manual_seed(seed + i) for i in part], output_type="np",
        )  # fmt: skip
        made.append(np.round(output.images * 255).astype(np.uint8))
        print(f"generated {first + len(part)}/{len(indices)} pictures of {steps} steps", flush=True)
    return np.concatenate(made)
