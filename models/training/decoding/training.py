"""The decoder's second training: alone, on latents as they come, noisy and drawn by the UNet; the encoder stays as it is.

What was trained on the encoder's latents (UNet, embedder) stays valid, and the decoder learns more of the world's details.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

import optimizer
from autoencoder import picture_loss, to_tensor
from configuration import Places
from lanes import Lanes
from latents import LatentStore
from loop import Part, Run, step_generator
from machine import placed
from winograd import speed_up
from world import scenes

@dataclass(frozen=True)
class Material:
    """float16 latents, unscaled: `encoded`, what the encoder made of the store's scenes, and `redrawn`, what the UNet made of
    the first of them; `deviation` of the former."""

    encoded: np.ndarray
    redrawn: np.ndarray
    deviation: float


def batch(
    config: dict[str, Any], store: LatentStore, material: Material, cursor: int, count: int
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """Latents [count, channels, h, w], their pictures [count, 3, 8h, 8w] and masks [count, 1, 8h, 8w], a function of the cursor."""
    random = scenes.scene_random(config["seed"], cursor)
    chosen, pictures, masks = [], [], []
    for _ in range(count):
        source = material.redrawn if random.random() < config["redrawn_share"] else material.encoded
        index = int(random.integers(len(source)))
        picture, mask = scenes.render(store.scene(index))
        chosen.append(source[index])
        pictures.append(picture)
        masks.append(mask)
    found = torch.from_numpy(np.stack(chosen)).float()
    generator = step_generator(config["seed"], cursor)
    strength = torch.rand([count, 1, 1, 1], generator=generator) * config["noise"] * material.deviation
    found += strength * torch.randn(found.shape, generator=generator)
    return found, to_tensor(np.stack(pictures)), torch.from_numpy(np.stack(masks)).float().div_(255.0).unsqueeze(1)


def run(config: dict[str, Any], places: Places, model: AutoencoderKL, store: LatentStore, material: Callable[[], Material]) -> Run:
    """The decoder in training; `material()` is asked for at the first step."""
    speed_up(model.decoder, least=128)
    for part in (model.encoder, model.quant_conv):
        part.requires_grad_(False)
    lanes = Lanes(config["lanes"])

    def step(cursor: int) -> float:
        found, pictures, masks = placed(*batch(config, store, material(), cursor, config["batch"]))

        def loss(lane: int) -> Tensor:
            mine = slice(lane, None, lanes.count)
            return picture_loss(model.decode(found[mine]).sample, pictures[mine], masks[mine], config)

        return lanes.backward(model, loss)

    part = Part.of(
        config,
        name="decoder",
        module=model,
        optimizers=optimizer.build(
            [model], config["muon_learning_rate"], config["adam_learning_rate"], ("conv_in", "conv_out", "quant_conv")
        ),
        step=step,
        identity={"encoder": store.digest},
    )
    return Run(part, places.work)
