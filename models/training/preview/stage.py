"""Fitting the preview to the checkpoint's encoder, and how good it is. It takes a few minutes, and keeps nothing on its way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image
from safetensors.numpy import save_file

import stages
from autoencoder import to_pictures, to_tensor
from configuration import Places
from latents import LatentStore, encoder_digest
from loop import write_atomically, write_json
from preview.linear import LinearPreview, fit, reduced
from world import scenes

_BATCH = 50  # scenes


def fit_preview(config: dict[str, dict[str, Any]], places: Places) -> None:
    """Fit a preview to stored latents for each number of pixels that is compared, say how good each is, and write one."""
    choices, share = config["preview"], config["latents"]["pair_share"]
    model, scaling = stages.load_autoencoder(places)
    store = LatentStore(places, encoder_digest(model), share)
    latents = store.load(choices["scenes"])

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for first in range(0, len(latents), _BATCH):
            part = latents[first : first + _BATCH]
            drawn = [scenes.render(store.scene(first + i))[0] for i in range(len(part))]
            yield part.astype(np.float32) * scaling, np.stack(drawn)

    sides = sorted({choices["pixels_per_cell"], *choices["compared"]})
    fitted = fit(batches(), choices["kernel_size"], sides, choices["ridge"])
    held_out = [scenes.scene(scenes.EVALUATION_SEED, i, share) for i in range(choices["held_out"])]
    _measure(fitted, model, scaling, np.stack([scenes.render(scene)[0] for scene in held_out]))
    _write(fitted[choices["pixels_per_cell"]], store.digest, places.shipped / "preview")


def _measure(fitted: dict[int, LinearPreview], model: AutoencoderKL, scaling: float, pictures: np.ndarray) -> None:
    """Print the mean PSNR of previews of `pictures`, uint8 [n, 128, 128, 3], and of the decoder's pictures made as small."""
    means, decoded = [], []
    for first in range(0, len(pictures), _BATCH):
        with torch.inference_mode():
            mean = model.encode(to_tensor(pictures[first : first + _BATCH])).latent_dist.mean
            decoded.append(to_pictures(model.decode(mean).sample))
        means.append(mean.numpy() * np.float32(scaling))
    latents, whole = np.concatenate(means), np.concatenate(decoded)
    for pixels, preview in fitted.items():
        made = preview.pictures(latents)
        height = made.shape[1]
        wanted = reduced(pictures, height)
        print(
            f"preview of {height} x {height}, {pixels} x {pixels} pixels a cell: "
            f"{_decibels(made, wanted):.2f} dB on {len(pictures)} held-out scenes, "
            f"the decoder {_decibels(reduced(whole, height).round(), wanted):.2f} dB; "
            f"made large, {_decibels(_enlarged(made), pictures):.2f} dB of the whole picture",
            flush=True,
        )


def _decibels(made: np.ndarray, wanted: np.ndarray) -> float:
    """The mean PSNR of pictures [n, h, w, 3] in 0..255."""
    error = ((made.astype(np.float64) - wanted) ** 2).mean((1, 2, 3))
    return float((10 * np.log10(255**2 / np.maximum(error, 1e-9))).mean())


def _enlarged(small: np.ndarray) -> np.ndarray:
    """Pictures at the scenes' size, smoothly, as a browser would show them there."""
    size = (scenes.SIZE, scenes.SIZE)
    return np.stack([np.asarray(Image.fromarray(each).resize(size, Image.Resampling.BILINEAR)) for each in small])


def _write(preview: LinearPreview, encoder: str, folder: Path) -> None:
    """In F32, unlike the checkpoint's networks: it is a few kilobytes."""
    _, channels, kernel, _ = preview.weight.shape

    def save(temporary: Path) -> None:
        save_file({"weight": preview.weight, "bias": preview.bias}, temporary, metadata={"format": "pt"})
        temporary.chmod(0o644)  # safetensors writes 0600, which a container of another user could not read

    write_atomically(folder / "model.safetensors", save)
    write_json(folder / "config.json", {
        "_class_name": "LinearPreview",
        "latent_channels": channels,
        "kernel_size": kernel,
        "pixels_per_cell": preview.pixels,
        "image_encoder": encoder,
    })  # fmt: skip
