"""Scenes as the UNet draws them: stored latents that were noised and denoised again, so that the picture is still known.

A decoder that was only shown encodings is at a loss with what a UNet leaves; one that has seen both mends some of it.
"""

import numpy as np
import torch
from diffusers import DDIMScheduler
from torch import Tensor
from transformers import CLIPTokenizer

from diffusion import Denoiser, build_scheduler
from lanes import Lanes
from loop import step_generator
from text_encoder import tokenise
from winograd import speed_up
from world import captions, scenes
from world.scenes import Scene

STEPS = 10
_LATEST = 600  # timestep from which on too little of a scene is left to be drawn again where it was
_GUIDANCE = 3.0
_BATCH = 10
SETTINGS = (STEPS, _LATEST, _GUIDANCE, _BATCH)  # what redrawn latents depend on, beside models and seed


def _starts(scheduler: DDIMScheduler) -> list[int]:
    """The steps, by number, from which a latent may be drawn again."""
    return [i for i, timestep in enumerate(scheduler.timesteps.tolist()) if timestep < _LATEST]


def redraw(denoiser: Denoiser, latents: Tensor, ids: Tensor, empty: Tensor, start: int, generator: torch.Generator) -> Tensor:
    """Scaled latents [batch, channels, h, w] noised as at step `start` of STEPS and denoised from there, with guidance.

    `ids` [batch, positions] are their captions', `empty` [1, positions] those of the empty text.
    """
    scheduler = build_scheduler()
    scheduler.set_timesteps(STEPS)
    timesteps = scheduler.timesteps[start:]
    noise = torch.randn(latents.shape, generator=generator)
    text = denoiser.text_encoder(torch.cat([empty.expand(len(ids), -1), ids])).last_hidden_state
    x = scheduler.add_noise(latents, noise, timesteps[:1].expand(len(latents)))
    for timestep in timesteps:
        without, v = denoiser.unet(torch.cat([x, x]), timestep, text).sample.chunk(2)
        x = scheduler.step(without + _GUIDANCE * (v - without), timestep, x).prev_sample
    return x


def redrawn(
    denoiser: Denoiser, tokenizer: CLIPTokenizer, latents: np.ndarray, wanted: list[Scene], scaling: float, seed: int, lanes: Lanes
) -> np.ndarray:  # fmt: skip
    """Latents as stored (float16, unscaled) of scenes `wanted`, drawn again from steps that are taken in turn."""
    speed_up(denoiser.unet.eval())
    empty = tokenise(tokenizer, [""])
    scheduler = build_scheduler()
    scheduler.set_timesteps(STEPS)
    starts = _starts(scheduler)

    def part(first: int) -> np.ndarray:
        texts = [
            captions.caption(scene, scenes.scene_random(seed, first + i)) for i, scene in enumerate(wanted[first : first + _BATCH])
        ]
        scaled = torch.from_numpy(latents[first : first + _BATCH]).float() * scaling
        start = starts[first // _BATCH % len(starts)]
        with torch.inference_mode():
            found = redraw(denoiser, scaled, tokenise(tokenizer, texts), empty, start, step_generator(seed, first))
        return (found / scaling).half().numpy()

    parts = []
    firsts = range(0, len(wanted), _BATCH)
    for turn in range(0, len(firsts), lanes.count):
        mine = firsts[turn : turn + lanes.count]
        parts += lanes.each(lambda lane, mine=mine: part(mine[lane]) if lane < len(mine) else None)
        if turn % 20 == 0:
            print(f"redrawn {mine[-1]}/{len(wanted)}", flush=True)
    return np.concatenate([each for each in parts if each is not None])
