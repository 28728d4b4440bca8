"""The UNet, its noise schedule, and the training of UNet and text encoder on stored latents."""

from functools import cached_property
from typing import Any

import numpy as np
import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

import optimizer
from configuration import Places
from lanes import Lanes
from latents import LatentStore
from loop import Average, Part, Run, step_generator
from machine import placed
from text_encoder import tokenise
from winograd import speed_up
from world import captions, scenes

TIMESTEPS = 1000


def build_unet(config: dict[str, Any], latent_channels: int, text_width: int) -> UNet2DConditionModel:
    """An untrained UNet: latents [batch, channels, 16, 16], timesteps [batch], text [batch, positions, width] -> v."""
    torch.manual_seed(config["seed"])
    return UNet2DConditionModel(
        sample_size=scenes.SIZE // 8,
        in_channels=latent_channels,
        out_channels=latent_channels,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=tuple(config["block_out_channels"]),
        layers_per_block=config["layers_per_block"],
        attention_head_dim=config["heads"],  # diffusers' name for the number of heads
        cross_attention_dim=text_width,
        norm_num_groups=config["norm_num_groups"],
    )


def build_scheduler() -> DDIMScheduler:
    """The schedule the checkpoint is trained and sampled with."""
    return DDIMScheduler(
        num_train_timesteps=TIMESTEPS,
        beta_start=0.00085,
        beta_end=0.020,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        steps_offset=1,
        clip_sample=False,
        set_alpha_to_one=False,
    )


class Denoiser(nn.Module):
    """UNet and text encoder as one module, so that they are trained, averaged and saved together."""

    def __init__(self, unet: UNet2DConditionModel, text_encoder: CLIPTextModel):
        super().__init__()
        self.unet = unet
        self.text_encoder = text_encoder

    def forward(self, noisy: Tensor, timesteps: Tensor, ids: Tensor) -> Tensor:
        """v [batch, channels, h, w] predicted from x_t, t and caption ids [batch, positions]."""
        return self.unet(noisy, timesteps, self.text_encoder(ids).last_hidden_state).sample


def stratified_timesteps(count: int, power: float, generator: torch.Generator) -> Tensor:
    """One random timestep from each of `count` equally likely slices of 0..999, int64 [count].

    Their density is proportional to t^(power - 1): 1 is uniform, 3 favours noisy ones.
    """
    uniform = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    return (uniform ** (1 / power) * TIMESTEPS).long().clamp(max=TIMESTEPS - 1)


class Batches:
    """Batches of stored latents with fresh captions, a function of the cursor alone.

    Up to `primer_samples` they come from the primer, afterwards `primer_share` of the batches still do. `scaling`
    brings latents to unit variance.
    """

    def __init__(
        self, store: LatentStore, primer: LatentStore, tokenizer: CLIPTokenizer, config: dict[str, Any], scaling: float
    ):
        self.stores = (primer, store)
        self.tokenizer, self.config, self.scaling = tokenizer, config, scaling

    @cached_property
    def latents(self) -> tuple[np.ndarray, np.ndarray]:
        """The primer's and the scenes' latents, float16 [scenes, channels, h/8, w/8]; read at the first batch only, so
        that a run that must be refused is refused before anything was encoded for it."""
        primer, store = self.stores
        return primer.load(scenes.primer_size()), store.load(self.config["scenes"])

    def __call__(self, cursor: int, count: int) -> tuple[Tensor, Tensor]:
        """Scaled latents [count, channels, h, w] and caption ids [count, positions]."""
        random = scenes.scene_random(self.config["seed"], cursor)
        review = random.random() < self.config["primer_share"]
        which = 0 if review or cursor < self.config["primer_samples"] else 1
        store, latents = self.stores[which], self.latents[which]
        indices = random.integers(0, len(latents), count)
        texts = []
        for position, index in enumerate(indices.tolist()):
            wording = scenes.scene_random(self.config["seed"] + 1, cursor + position)
            texts.append(self._text(store.scene(index), wording, primer=which == 0))
        return torch.from_numpy(latents[indices]).float() * self.scaling, tokenise(self.tokenizer, texts)

    def _text(self, scene: scenes.Scene, random: np.random.Generator, primer: bool) -> str:
        if random.random() < self.config["caption_dropout"]:
            return ""
        if primer and random.random() < self.config["primer_plain_share"]:
            return captions.plain_caption(scene)
        return captions.caption(scene, random)


def freeze(module: nn.Module, prefix: str, average: Average) -> None:
    """Take the averaged weights of `module` for good. `prefix`: what its parameters' names begin with in the average."""
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            parameter.requires_grad_(False).copy_(average.values[prefix + name])


def run(
    config: dict[str, Any], places: Places, denoiser: Denoiser, tokenizer: CLIPTokenizer,
    store: LatentStore, primer: LatentStore, scaling: float,
) -> Run:  # fmt: skip
    """UNet and text encoder in training: v-prediction, plain mean squared error."""
    batches = Batches(store, primer, tokenizer, config, scaling)
    speed_up(denoiser.unet)
    (alphas,) = placed(build_scheduler().alphas_cumprod)
    optimizers = optimizer.build(
        [denoiser.unet], config["muon_learning_rate"], config["adam_learning_rate"],
        ("conv_in", "conv_out", "time_embedding", "time_emb_proj"), config["weight_decay"],
    ) + optimizer.build(
        [denoiser.text_encoder], config["text_muon_learning_rate"], config["text_adam_learning_rate"], ("embedding",),
        config["weight_decay"],
    )  # fmt: skip

    lanes = Lanes(config["lanes"])

    def step(cursor: int) -> float:
        if cursor >= config["text_samples"]:
            freeze(denoiser.text_encoder, "text_encoder.", training.average)
        latents, ids = batches(cursor, config["batch"])
        generator = step_generator(config["seed"], cursor)
        noise = torch.randn(latents.shape, generator=generator)
        # What a thing is shows where little else is left to see, in noisy latents: learn that first.
        power = config["primer_timestep_power" if cursor < config["primer_samples"] else "timestep_power"]
        timesteps = stratified_timesteps(len(latents), power, generator)
        latents, ids, noise, timesteps = placed(latents, ids, noise, timesteps)
        alpha = alphas[timesteps].sqrt().view(-1, 1, 1, 1)  # sqrt of alpha-bar_t
        sigma = (1 - alphas[timesteps]).sqrt().view(-1, 1, 1, 1)
        noisy, wanted = alpha * latents + sigma * noise, alpha * noise - sigma * latents

        def loss(lane: int) -> Tensor:
            mine = slice(lane, None, lanes.count)  # every lane gets timesteps from the whole range
            return (denoiser(noisy[mine], timesteps[mine], ids[mine]) - wanted[mine]).square().mean()

        return lanes.backward(denoiser, loss)

    part = Part.of(
        config,
        name="unet",
        module=denoiser,
        optimizers=optimizers,
        step=step,
        identity={
            "encoder": store.digest,
            "architecture": [*config["block_out_channels"], config["layers_per_block"]],
            "vocabulary": len(tokenizer),
        },
    )
    training = Run(part, places.work)
    return training
