"""The decoder's second training from and to the checkpoint's folder."""

import hashlib
import json
from functools import lru_cache
from typing import Any

import numpy as np
from diffusers import UNet2DConditionModel
from transformers import CLIPTextModel

import export
import stages
from configuration import Places
from decoding import redrawing, training
from decoding.redrawing import redrawn
from decoding.training import Material
from diffusion import Denoiser
from kept import kept
from lanes import Lanes
from latents import LatentStore, encoder_digest
from loop import Run
from shipped import go_on, note_progress, read_progress


def decoder_run(config: dict[str, dict[str, Any]], places: Places, from_scratch: bool = False) -> Run:
    """The decoder as far as it has come; always from the shipped weights, `from_scratch` as if it had not been trained alone.
    What the UNet is to draw is drawn before the first step."""
    model, scaling = stages.load_autoencoder(places)
    choices, wanted = config["decoder"], config["latents"]
    store = LatentStore(places, encoder_digest(model), wanted["pair_share"])

    @lru_cache(maxsize=1)
    def material() -> Material:
        encoded = store.load(wanted["scenes"])
        deviation = float(encoded[:500].astype(np.float32).std())
        return Material(encoded, _redrawn(config, places, store, encoded, scaling), deviation)

    run = training.run(choices, places, model, store, material)
    if not from_scratch:
        go_on(run, read_progress(places).get("decoder"), {places.shipped / "vae": model})
    return run


def _redrawn(config: dict[str, dict[str, Any]], places: Places, store: LatentStore, encoded: np.ndarray, scaling: float) -> np.ndarray:
    """What the shipped UNet makes of the first stored latents; kept by all that it depends on."""
    choices, folder = config["decoder"], places.shipped
    unet_file = folder / "unet" / "diffusion_pytorch_model.safetensors"
    if not unet_file.exists():
        raise stages.MissingPartError("there is no UNet yet: train it first")
    count = min(choices["redrawn"], len(encoded))
    sha = hashlib.sha256(json.dumps([store.digest, choices["seed"], count, *redrawing.SETTINGS]).encode())
    for file in (unet_file, folder / "text_encoder" / "model.safetensors"):
        sha.update(file.read_bytes())

    def make() -> np.ndarray:
        denoiser = Denoiser(
            UNet2DConditionModel.from_pretrained(folder / "unet"), CLIPTextModel.from_pretrained(folder / "text_encoder")
        ).float()
        words = stages.load_tokenizer(config, places)
        wanted = [store.scene(i) for i in range(count)]
        return redrawn(denoiser, words, encoded[:count], wanted, scaling, choices["seed"], Lanes(choices["lanes"]))

    return kept(places.work / "redrawn" / f"{sha.hexdigest()[:12]}.npy", make)


def train_decoder(config: dict[str, dict[str, Any]], places: Places, from_scratch: bool = False) -> None:
    run = decoder_run(config, places, from_scratch)
    if run.begun_at >= run.part.samples:
        return
    _, scaling = stages.load_autoencoder(places)
    run.train()
    export.write_autoencoder(run.finished(), scaling, places.shipped)
    note_progress(run, places)
