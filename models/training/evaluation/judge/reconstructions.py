"""What the shipped decoder makes of latents: of good ones, and of ones that hold no picture any more."""

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from autoencoder import to_pictures, to_tensor
from world import scenes
from world.scenes import Scene

_GOOD_NOISE = (0.0, 0.2)  # of a latent's deviation
_BAD_NOISE = (0.7, 1.4)


def encode(model: AutoencoderKL, wanted: list[Scene]) -> tuple[Tensor, Tensor]:
    """The scenes' latents (posterior means) and object masks at the latents' size in 0..1."""
    drawn = [scenes.render(scene) for scene in wanted]
    with torch.inference_mode():
        latents = model.encode(to_tensor(np.stack([picture for picture, _ in drawn]))).latent_dist.mean
    masks = torch.from_numpy(np.stack([mask for _, mask in drawn])).float().div(255).unsqueeze(1)
    return latents, interpolate(masks, size=latents.shape[2:], mode="area")


def decode(model: AutoencoderKL, latents: Tensor) -> np.ndarray:
    """Pictures uint8 [batch, 128, 128, 3]."""
    with torch.inference_mode():
        return to_pictures(model.decode(latents).sample)


def good(latents: Tensor, generator: torch.Generator) -> Tensor:
    """Latents with a little noise: the decoder bears it."""
    return _noisy(latents, _GOOD_NOISE, generator)


def bad(latents: Tensor, masks: Tensor, generator: torch.Generator) -> Tensor:
    """Latents spoilt in turn: noise on the things alone, noise everywhere, half the resolution, halfway to another's."""
    alone = latents + (_noisy(latents, _BAD_NOISE, generator) - latents) * (masks > 0.05)
    everywhere = _noisy(latents, _BAD_NOISE, generator)
    coarse = interpolate(avg_pool2d(latents, 2), scale_factor=2, mode="bilinear")
    between = (latents + latents.roll(1, 0)) / 2
    kind = torch.arange(len(latents)).view(-1, 1, 1, 1) % 8
    spoilt = torch.where(kind < 4, alone, everywhere)
    return torch.where(kind == 7, between, torch.where(kind == 6, coarse, spoilt))


def _noisy(latents: Tensor, strength: tuple[float, float], generator: torch.Generator) -> Tensor:
    deviation = latents.std((0, 2, 3), keepdim=True)
    low, high = strength
    share = low + (high - low) * torch.rand((len(latents), 1, 1, 1), generator=generator)
    return latents + torch.randn(latents.shape, generator=generator) * deviation * share
