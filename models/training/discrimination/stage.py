"""The discriminator's training from and to the checkpoint's folder, and the threshold above which a picture is real."""

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL

import export
import stages
from autoencoder import to_pictures, to_tensor
from configuration import Places
from discrimination import generated, training
from kept import kept
from discrimination.network import Discriminator
from discrimination.training import Material
from latents import LatentStore, encoder_digest
from loop import Run, step_generator
from shipped import go_on, note_progress, read_progress
from world import scenes

CALIBRATION_SEED = 7


def autoencoder_digest(places: Places) -> str:
    """sha256 of the shipped autoencoder's weight file: what reconstructions look like depends on its decoder, too."""
    return hashlib.sha256((places.shipped / "vae" / "diffusion_pytorch_model.safetensors").read_bytes()).hexdigest()


def denoiser_digest(places: Places) -> str:
    """sha256 of the shipped UNet's weight file: whose pictures are its own."""
    return hashlib.sha256((places.shipped / "unet" / "diffusion_pytorch_model.safetensors").read_bytes()).hexdigest()


def reconstruct(autoencoder: AutoencoderKL, pictures: np.ndarray) -> np.ndarray:
    """uint8 [n, 128, 128, 3] through the autoencoder and back."""
    parts = []
    for first in range(0, len(pictures), 10):
        with torch.inference_mode():
            mean = autoencoder.encode(to_tensor(pictures[first : first + 10])).latent_dist.mean
            parts.append(to_pictures(autoencoder.decode(mean).sample))
    return np.concatenate(parts)


def _reconstructions(places: Places, config: dict[str, Any], autoencoder: AutoencoderKL, scaling: float, name: str) -> np.ndarray:
    """Stored latents decoded, half of them with a little noise: uint8 [n, 128, 128, 3]."""
    count, wanted = config["discriminator"]["reconstructions"], config["latents"]

    def make() -> np.ndarray:
        store = LatentStore(places, encoder_digest(autoencoder), wanted["pair_share"])
        latents = torch.from_numpy(store.load(count)).float()
        random = step_generator(config["discriminator"]["seed"], 0)
        strength = torch.rand([count, 1, 1, 1], generator=random) * config["discriminator"]["latent_noise"] / scaling
        strength[::2] = 0
        latents += strength * torch.randn(latents.shape, generator=random)
        parts = []
        for first in range(0, count, 20):
            with torch.inference_mode():
                parts.append(to_pictures(autoencoder.decode(latents[first : first + 20]).sample))
            if first % 200 == 0:
                print(f"reconstructed {first}/{count}", flush=True)
        return np.concatenate(parts)

    return kept(places.work / "pictures" / f"reconstructions-{name[:12]}-{count}.npy", make)


def likeness(config: dict[str, Any], closeness: np.ndarray) -> np.ndarray:
    """How far generated pictures count as being like the data: from 0 at `close_from` to 1 at `close_to`. A model that is
    still learning draws some right, and those are not to be called wrong."""
    low, high = config["close_from"], config["close_to"]
    return np.clip((closeness - low) / (high - low), 0, 1)


def discriminator_run(config: dict[str, dict[str, Any]], places: Places, from_scratch: bool = False) -> Run:
    """The discriminator as far as it has come. Pictures that are missing are made before the first step."""
    autoencoder, scaling = stages.load_autoencoder(places)
    choices, digest = config["discriminator"], autoencoder_digest(places)
    model = training.build(choices)

    @lru_cache(maxsize=1)
    def material() -> Material:
        reconstructions = _reconstructions(places, config, autoencoder, scaling, digest)
        pictures, close, denoiser = [], [], denoiser_digest(places)
        for source in generated.sources(choices):
            indices = range(source.count)
            pictures.append(generated.load(places, source, indices, denoiser))
            close.append(likeness(choices, generated.close(places, source, indices, denoiser)))
            print(f"of {source.name}: {close[-1].mean():.2f} like the data", flush=True)
        return Material(reconstructions, np.concatenate(pictures), np.concatenate(close))

    run = training.run(choices, places, model, material, {"autoencoder": digest})
    if not from_scratch:
        entry = read_progress(places).get("discriminator")
        if entry and entry["autoencoder"] != digest:
            print("discriminator: the autoencoder has changed since, so it begins anew", flush=True)
        else:
            go_on(run, entry, {places.shipped / "discriminator": model})
    return run


def score(model: Discriminator, pictures: np.ndarray) -> np.ndarray:
    """Scores 0..1 of uint8 [n, 128, 128, 3]."""
    model.eval()
    parts = []
    for first in range(0, len(pictures), 50):
        with torch.inference_mode():
            parts.append(torch.sigmoid(model(to_tensor(pictures[first : first + 50]))).numpy())
    return np.concatenate(parts)


def calibrate(model: Discriminator, autoencoder: AutoencoderKL, count: int, passing: float) -> float:
    """The score that a share `passing` of held-out reconstructions reaches."""
    drawn = [training.drawn_scene(scenes.scene_random(CALIBRATION_SEED, i)) for i in range(count)]
    reached = score(model, reconstruct(autoencoder, np.stack(drawn)))
    # Within what a config can say, and never beyond what is certain.
    return round(float(np.clip(np.quantile(reached, 1 - passing), 1e-4, 0.5)), 4)


def train_discriminator(config: dict[str, dict[str, Any]], places: Places, from_scratch: bool = False) -> None:
    run = discriminator_run(config, places, from_scratch)
    run.train()
    model = run.finished()
    choices = config["discriminator"]
    autoencoder, _ = stages.load_autoencoder(places)
    threshold = calibrate(model, autoencoder, choices["calibration"], choices["passing"])
    export.write_discriminator(model, threshold, places.shipped)
    note_progress(run, places)
