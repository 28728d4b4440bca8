"""The embedder's training from and to the checkpoint's folder: against one autoencoder and one text encoder."""

import hashlib
from pathlib import Path
from typing import Any

import torch
from transformers import CLIPTextModel

import export
import stages
from configuration import Places
from embedding import contrast
from embedding.batches import Batches
from embedding.groups import MEMBERS, GroupStore
from lanes import Lanes
from latents import LatentStore, encoder_digest
from loop import Run
from shipped import go_on, note_progress, read_progress
from world import scenes

WEIGHTS = "model.safetensors"


def text_encoder_digest(places: Places) -> str:
    """sha256 of the shipped text encoder's weight file: what the embedder's text side was taught to read."""
    return hashlib.sha256((text_encoder_folder(places) / WEIGHTS).read_bytes()).hexdigest()


def text_encoder_folder(places: Places) -> Path:
    folder = places.shipped / "text_encoder"
    if not (folder / WEIGHTS).exists():
        raise stages.MissingPartError("there is no text encoder yet: train it first")
    return folder


def embedder_run(config: dict[str, dict[str, Any]], places: Places, from_scratch: bool = False) -> Run:
    """The embedder as far as it has come. Latents that are missing are encoded at the first batch."""
    autoencoder, scaling = stages.load_autoencoder(places)
    text_encoder = CLIPTextModel.from_pretrained(text_encoder_folder(places), torch_dtype=torch.float32)
    choices, digest = config["embedder"], encoder_digest(autoencoder)
    identity = {"image_encoder": digest, "text_encoder": text_encoder_digest(places)}
    model = contrast.model_config(
        choices, autoencoder.config.latent_channels, scenes.SIZE // 8, text_encoder.config.hidden_size
    )
    module = contrast.build(choices, {**model, **identity})
    stores = (
        LatentStore(places, digest, config["latents"]["pair_share"]), LatentStore(places, digest, None),
        GroupStore(places, digest),
    )  # fmt: skip
    sizes = (config["latents"]["scenes"], scenes.primer_size(), choices["groups"] * MEMBERS)
    words = stages.load_tokenizer(config, places)
    batches = Batches(stores, sizes, text_encoder, words, choices, scaling)
    run = contrast.run(choices, places, module, batches, identity)
    if not from_scratch:
        entry = read_progress(places).get("embedder")
        if entry and any(entry[key] != value for key, value in identity.items()):
            print("embedder: the encoders have changed since the shipped one was trained, so it begins anew", flush=True)
        else:
            go_on(run, entry, {places.shipped / "embedder": module.embedder})
    if run.cursor < choices["samples"]:
        for store, size in zip(stores, sizes, strict=True):
            store.encode(autoencoder, size, config["latents"]["batch"], Lanes(config["latents"]["lanes"]))
    return run


def train_embedder(config: dict[str, dict[str, Any]], places: Places, from_scratch: bool = False) -> None:
    run = embedder_run(config, places, from_scratch)
    run.train()
    contrast = run.finished()
    export.write_embedder(contrast.embedder, float(contrast.scale), places.shipped)
    note_progress(run, places)
