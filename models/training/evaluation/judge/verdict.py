"""Asking the judge."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open

from autoencoder import to_tensor
from configuration import TrainingError
from evaluation.crops import thing_crops
from world.things import all_things

from .network import NONE, JudgeNetwork

WEIGHTS = Path(__file__).parent / "judge.safetensors"


@dataclass(frozen=True)
class Verdict:
    """`thing`: its class id, None where the judge sees none; `likely`: the three likeliest classes (NONE among them)."""

    thing: int | None
    likely: tuple[tuple[int, float], ...]


class Judge:
    """The committed judge: everyone judges alike."""

    def __init__(self, weights: Path = WEIGHTS):
        if not weights.exists():
            raise TrainingError(f"{weights.name} is missing: restore it, or train it: npm run train -- judge")
        with safe_open(weights, framework="pt") as file:
            widths = [int(width) for width in file.metadata()["widths"].split(",")]
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}
        self.network = JudgeNetwork(widths, seed=0).eval()
        missing = self.network.load_state_dict(tensors, strict=False)
        if missing.unexpected_keys or any(not key.endswith("num_batches_tracked") for key in missing.missing_keys):
            raise TrainingError(f"{weights.name} is of another judge: train it anew: npm run train -- judge")

    def crops(self, crops: list[np.ndarray]) -> list[Verdict]:
        """Verdicts on crops, uint8 [64, 64, 3] each."""
        verdicts = []
        with torch.inference_mode():
            for first in range(0, len(crops), 64):
                logits = self.network(to_tensor(np.stack(crops[first : first + 64])))
                for row in logits.softmax(1):
                    best = row.topk(3)
                    likely = tuple(zip(best.indices.tolist(), best.values.tolist(), strict=True))
                    verdicts.append(Verdict(None if likely[0][0] == NONE else likely[0][0], likely))
        return verdicts

    def pictures(self, pictures: list[np.ndarray], relations: list[str | None]) -> list[list[Verdict]]:
        """Verdicts on every thing of every picture, uint8 [128, 128, 3]; a picture of two has its first thing first."""
        cut = [thing_crops(picture, relation) for picture, relation in zip(pictures, relations, strict=True)]
        verdicts = iter(self.crops([crop for crops in cut for crop in crops]))
        return [[next(verdicts) for _ in crops] for crops in cut]


def name_of(thing: int) -> str:
    """A class's name."""
    return "none" if thing == NONE else all_things()[thing].name
