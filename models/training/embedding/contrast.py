"""The embedder's training: by contrast, and by reading off what is there."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

import optimizer
from configuration import Places
from embedding.batches import Batches
from embedding.network import Embedder
from lanes import Lanes
from loop import Part, Run, step_generator
from machine import placed
from text_encoder import COLOURS, RELATIONS, SIZES
from world.things import all_things

MAX_SCALE = 100.0  # of the learned temperature's inverse, as in CLIP


def model_config(config: dict[str, Any], latent_channels: int, sample_size: int, text_width: int) -> dict[str, Any]:
    """What describes the model, from the training configuration and the checkpoint that it belongs to."""
    keys = ("block_out_channels", "norm_num_groups", "hidden_size", "text_heads", "text_head_size", "projection_dim")
    return {
        "latent_channels": latent_channels, "sample_size": sample_size, "text_width": text_width,
        **{key: config[key] for key in keys},
    }  # fmt: skip


class Contrast(nn.Module):
    """The embedder in training: its temperature, and heads that read off both towers' vectors what is in the scene.

    Contrast alone knows only right and wrong pairs; the heads say what is there, and the same heads serve both towers.
    """

    def __init__(self, embedder: Embedder, scale: float):
        super().__init__()
        self.embedder = embedder
        self.log_scale = nn.Parameter(torch.tensor(math.log(scale)))
        width = embedder.config["projection_dim"]
        sizes = [len(all_things()) + 1] * 2 + [len(SIZES) + 1] * 2 + [len(COLOURS) + 1, len(RELATIONS)]
        self.heads = nn.ModuleList(nn.Linear(width, size) for size in sizes)

    @property
    def scale(self) -> Tensor:
        """What cosines are multiplied with: 1 / temperature."""
        return self.log_scale.exp().clamp(max=MAX_SCALE)

    def forward(self, latents: Tensor, hidden: Tensor, other: Tensor, facts: Tensor, read_weight: float) -> Tensor:
        """The loss of n scenes and their captions. `other[t, s]`: caption t is true of scene s, which it was not made
        for; `facts[tower, n, 6]`: class numbers for the heads, of latents and of texts, -1 where nothing is said."""
        seen, said = self.embedder.latent(latents), self.embedder.text(hidden)
        logits = self.scale * normalize(said, dim=1) @ normalize(seen, dim=1).mT
        logits = logits.masked_fill(other, float("-inf"))
        right = torch.arange(len(logits))
        contrast = (cross_entropy(logits, right) + cross_entropy(logits.mT, right)) / 2
        read = sum(
            cross_entropy(head(tower), facts[t, :, k], ignore_index=-1)
            for t, tower in enumerate((seen, said))
            for k, head in enumerate(self.heads)
        )
        return contrast + read_weight * read


def build(config: dict[str, Any], model: dict[str, Any]) -> Contrast:
    """An untrained embedder."""
    torch.manual_seed(config["seed"])
    return Contrast(Embedder(model), config["first_scale"])


def augment(latents: Tensor, config: dict[str, Any], generator: torch.Generator) -> Tensor:
    """Latents with noise of a random strength, some moved by one cell: like pictures that are made, not drawn."""
    count = len(latents)
    strength = torch.rand([count, 1, 1, 1], generator=generator) * config["noise"]
    moved = nn.functional.pad(latents, (1, 1, 1, 1), mode="replicate")
    side = latents.shape[-1]
    offsets = torch.randint(3, [count, 2], generator=generator)
    still = torch.rand([count], generator=generator) >= config["moved_share"]
    offsets[still] = 1
    shifted = torch.stack([
        moved[i, :, top : top + side, left : left + side] for i, (top, left) in enumerate(offsets.tolist())
    ])  # fmt: skip
    return shifted + strength * torch.randn(shifted.shape, generator=generator)


def run(config: dict[str, Any], places: Places, contrast: Contrast, batches: Batches, identity: dict[str, object]) -> Run:
    """The embedder in training. Its state belongs to one autoencoder and one text encoder (`identity`)."""
    lanes = Lanes(1)

    def step(cursor: int) -> float:
        batch = batches(cursor, config["batch"])
        latents = augment(batch.latents, config, step_generator(config["seed"], cursor))
        return lanes.backward(
            contrast, lambda _: contrast(*placed(latents, batch.hidden, batch.other, batch.facts), config["read_weight"])
        )

    part = Part.of(
        config,
        name="embedder",
        module=contrast,
        optimizers=optimizer.build(
            [contrast], config["muon_learning_rate"], config["adam_learning_rate"], ("conv_in", "heads", "score")
        ),
        step=step,
        identity={**identity, "architecture": [*config["block_out_channels"], config["hidden_size"]]},
    )
    return Run(part, places.work)
