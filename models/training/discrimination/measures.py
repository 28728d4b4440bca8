"""How well the exported discriminator tells what is like the data from what is not, on pictures that training never saw."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import stages
from configuration import Places
from discrimination import corruptions, foreign, generated, noise, training
from discrimination.network import Discriminator
from discrimination.stage import denoiser_digest, reconstruct, score
from shipped import load_weights
from world import scenes

_SEED = 9  # of pictures that are only measured with
_FIRST_GENERATED = 100_000


@dataclass(frozen=True)
class Judge:
    """The exported discriminator, and the score from which on it calls a picture real."""

    model: Discriminator
    threshold: float

    def scores(self, pictures: list[np.ndarray]) -> np.ndarray:
        """0..1 of each uint8 [128, 128, 3]."""
        return score(self.model, np.stack(pictures))

    def real(self, pictures: list[np.ndarray]) -> tuple[int, int]:
        """(how many are called real, of how many)."""
        return int((self.scores(pictures) >= self.threshold).sum()), len(pictures)


def load_judge(places: Places) -> Judge:
    """The checkpoint's folder."""
    folder = places.shipped / "discriminator"
    if not (folder / "config.json").exists():
        raise stages.MissingPartError("there is no discriminator yet: train it first")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model = Discriminator(config)
    load_weights(model, folder)
    return Judge(model.eval(), config["threshold"])


def auc(like: np.ndarray, unlike: np.ndarray) -> float:
    """How often a score of the first kind is above one of the second; ties count half."""
    order = np.sort(unlike)
    below = np.searchsorted(order, like, "left") + np.searchsorted(order, like, "right")
    return float(below.mean() / 2 / len(unlike))


def like_data(places: Places, count: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Held-out scenes, and reconstructions of as many others."""
    drawn = [training.drawn_scene(scenes.scene_random(_SEED, i)) for i in range(2 * count)]
    autoencoder, _ = stages.load_autoencoder(places)
    return drawn[:count], list(reconstruct(autoencoder, np.stack(drawn[count:])))


def unlike_data(count: int) -> dict[str, list[np.ndarray]]:
    """Pictures by kind; "new" ones are of kinds that training never draws."""

    draw: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
        "noise": noise.draw,
        "corruptions": lambda random: corruptions.draw(training.drawn_scene(random), random),
        "new corruptions": lambda random: corruptions.draw(training.drawn_scene(random), random, corruptions.HELD_OUT_KINDS),
        "foreign": foreign.draw,
        "new foreign": lambda random: foreign.draw(random, foreign.HELD_OUT_KINDS),
        "hybrids": training.drawn_hybrid,
    }
    return {
        kind: [make(scenes.scene_random(_SEED, 100_000 * (k + 1) + i)) for i in range(count)]
        for k, (kind, make) in enumerate(draw.items())
    }


def badly_generated(places: Places, config: dict[str, Any], count: int) -> dict[str, list[np.ndarray]]:
    """Pictures of scenes that training had none of, by commit and steps."""
    indices = range(_FIRST_GENERATED, _FIRST_GENERATED + count)
    model = denoiser_digest(places)
    return {each.name: list(generated.load(places, each, indices, model)) for each in generated.sources(config["discriminator"])}


def figures(places: Places, config: dict[str, Any], count: int = 300) -> dict[str, Any]:
    """AUC of held-out scenes and reconstructions, half each, against every kind of other picture, and the share of
    reconstructions that is called real."""
    judge = load_judge(places)
    drawn, reconstructed = like_data(places, count // 2)
    like = judge.scores(drawn + reconstructed)
    kinds = unlike_data(count)
    sources = generated.sources(config["discriminator"])
    kinds |= badly_generated(places, config, -(-count // len(sources)))
    return {
        "auc": {kind: round(auc(like, judge.scores(pictures)), 4) for kind, pictures in kinds.items()},
        "real_reconstructions": judge.real(reconstructed),
        "real_scenes": judge.real(drawn),
        "real_of_others": {kind: judge.real(pictures) for kind, pictures in kinds.items()},
    }
