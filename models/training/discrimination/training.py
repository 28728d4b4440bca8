"""The discriminator's training."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

import optimizer
from autoencoder import to_tensor
from configuration import Places
from discrimination import corruptions, foreign, noise
from discrimination.network import Discriminator
from lanes import Lanes
from loop import Part, Run
from machine import placed
from world import scenes
from world.palette import BACKGROUNDS
from world.things import all_things

_COLOURS = tuple(BACKGROUNDS)


def build(config: dict[str, Any]) -> Discriminator:
    """An untrained discriminator."""
    torch.manual_seed(config["seed"])
    keys = ("block_out_channels", "plain_blocks", "norm_num_groups", "hidden_size")
    return Discriminator({"sample_size": scenes.SIZE, **{key: config[key] for key in keys}})


@dataclass(frozen=True)
class Material:
    """What is not drawn anew: `reconstructions` and `generated`, uint8 [n, 128, 128, 3], and `likeness` [n] of the latter:
    how far each counts as being like the data, 0..1."""

    reconstructions: np.ndarray
    generated: np.ndarray
    likeness: np.ndarray


def drawn_scene(random: np.random.Generator, pair_share: float = 0.3) -> np.ndarray:
    return scenes.render(scenes.describe(random, pair_share))[0]


def drawn_hybrid(random: np.random.Generator) -> np.ndarray:
    """Half of one single thing and half of another, half of the time on one background. Halves of pairs could make a
    right picture."""
    first, second = (int(i) for i in random.integers(len(_COLOURS), size=2))
    grounds = (_COLOURS[first], _COLOURS[first if random.random() < 0.5 else second])
    things = random.choice(len(all_things()), 2, replace=False).tolist()
    halves = [scenes.render(scenes.single(random, *pair, small_share=0.0))[0] for pair in zip(things, grounds, strict=True)]
    return corruptions.hybrid(halves[0], halves[1], random)


def worn(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """What says nothing about a picture: a little noise, softness, or another shade. Never more than one can't see."""
    if random.random() < 0.5:
        return picture
    changed = picture.astype(np.float64) + random.uniform(-5, 5, 3)
    if random.random() < 0.5:
        soft = Image.fromarray(picture).filter(ImageFilter.GaussianBlur(random.uniform(0.3, 0.8)))
        changed += np.asarray(soft).astype(np.float64) - picture
    cells = int(random.choice([16, 32, 64, 128]))
    field = random.uniform(0, 4) * random.standard_normal((cells, cells, 3))
    side = scenes.SIZE // cells
    changed += field.repeat(side, 0).repeat(side, 1)
    return np.clip(np.round(changed), 0, 255).astype(np.uint8)


def batch(config: dict[str, Any], material: Material, cursor: int, count: int) -> tuple[Tensor, Tensor]:
    """Pictures [count, 3, 128, 128] in -1..1 and how far each is like the data [count], a function of the cursor."""
    random = scenes.scene_random(config["seed"], cursor)
    shares = config["shares"]
    numbers = {kind: round(count * share) for kind, share in shares.items()}
    numbers["generated"] = count - sum(number for kind, number in numbers.items() if kind != "generated")

    def reconstruction() -> np.ndarray:
        return material.reconstructions[int(random.integers(len(material.reconstructions)))]

    def source() -> np.ndarray:
        return drawn_scene(random) if random.random() < 0.5 else reconstruction()

    make = {
        "scenes": lambda: drawn_scene(random),
        "reconstructions": reconstruction,
        "noise": lambda: noise.draw(random),
        "corruptions": lambda: corruptions.draw(source(), random),
        "foreign": lambda: foreign.draw(random),
        "hybrids": lambda: drawn_hybrid(random),
    }
    pictures = [make[kind]() for kind in make for _ in range(numbers[kind])]
    likeness = [float(kind in ("scenes", "reconstructions")) for kind in make for _ in range(numbers[kind])]
    chosen = random.choice(len(material.generated), numbers["generated"], replace=False)
    pictures += list(material.generated[chosen])
    likeness += material.likeness[chosen].tolist()
    return to_tensor(np.stack([worn(picture, random) for picture in pictures])), torch.tensor(likeness)


def run(config: dict[str, Any], places: Places, model: Discriminator, material: Callable[[], Material], identity: dict[str, object]) -> Run:
    """The discriminator in training; `material()` is asked for at the first step."""
    lanes = Lanes(1)
    # As if half of all pictures were like the data, whatever the shares.
    like = config["shares"]["scenes"] + config["shares"]["reconstructions"]

    def step(cursor: int) -> float:
        pictures, likeness = placed(*batch(config, material(), cursor, config["batch"]))
        weights = torch.where(likeness == 1, 0.5 / like, 0.5 / (1 - like))
        return lanes.backward(
            model, lambda _: binary_cross_entropy_with_logits(model(pictures), likeness, weights)
        )

    part = Part.of(
        config,
        name="discriminator",
        module=model,
        optimizers=optimizer.build(
            [model], config["muon_learning_rate"], config["adam_learning_rate"], ("downsamplers.0", "linear_2")
        ),
        step=step,
        identity={**identity, "architecture": [*config["block_out_channels"], config["hidden_size"]]},
    )
    return Run(part, places.work)
