"""The parts of training in their order, each picking up what the earlier ones left behind."""

import json
from typing import Any

import torch
from diffusers import AutoencoderKL
from transformers import CLIPTextModel, CLIPTokenizer

import autoencoder
import diffusion
import export
import text_encoder
import tokenizer
from configuration import Places, TrainingError
from lanes import Lanes
from latents import LatentStore, encoder_digest
from loop import Run, write_json
from world import scenes

Config = dict[str, dict[str, Any]]


class MissingPartError(TrainingError):
    """An earlier part of training has not run yet."""


def load_tokenizer(config: Config, places: Places) -> CLIPTokenizer:
    """The checkpoint's tokenizer, trained first where there is none."""
    folder = places.shipped / "tokenizer"
    if not (folder / "vocab.json").exists():
        tokenizer.write(folder, config["tokenizer"])
    return CLIPTokenizer.from_pretrained(folder)


def train_autoencoder(config: Config, places: Places) -> None:
    run = autoencoder.run(config["autoencoder"], places)
    run.train()
    run.average.copy_to(run.part.module)
    scaling = autoencoder.measure_scaling(run.part.module, config["autoencoder"]["dead_channel_share"])
    export.write_autoencoder(run.part.module, scaling, places.shipped)
    note_progress(run, places)


def load_autoencoder(places: Places) -> tuple[AutoencoderKL, float]:
    """The shipped autoencoder in float32, and its scaling factor."""
    folder = places.shipped / "vae"
    if not (folder / "config.json").exists():
        raise MissingPartError("there is no autoencoder yet: train it first")
    model = AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32).eval()
    return model, float(model.config.scaling_factor)


def encode_latents(config: Config, places: Places) -> None:
    model, _ = load_autoencoder(places)
    wanted, digest, lanes = config["latents"], encoder_digest(model), Lanes(config["latents"]["lanes"])
    LatentStore(places, digest, None).encode(model, scenes.primer_size(), wanted["batch"], lanes)
    LatentStore(places, digest, wanted["pair_share"]).encode(model, wanted["scenes"], wanted["batch"], lanes)


def warm_up_text(config: Config, places: Places) -> CLIPTextModel:
    """The text encoder after its warm start (which runs unless it has)."""
    run = text_encoder.warm_start(config["text_encoder"], places, load_tokenizer(config, places))
    run.train()
    run.average.copy_to(run.part.module)
    return run.part.module.encoder


def unet_run(config: Config, places: Places) -> Run:
    """The run of UNet and text encoder, as far as it has come."""
    model, scaling = load_autoencoder(places)
    digest = encoder_digest(model)
    store, primer = LatentStore(places, digest, config["latents"]["pair_share"]), LatentStore(places, digest, None)
    text = warm_up_text(config, places)
    unet = diffusion.build_unet(config["unet"], model.config.latent_channels, text.config.hidden_size)
    denoiser = diffusion.Denoiser(unet, text)
    words = load_tokenizer(config, places)
    choices = {**config["unet"], "scenes": config["latents"]["scenes"]}
    return diffusion.run(choices, places, denoiser, words, store, primer, scaling)


def train_unet(config: Config, places: Places) -> None:
    run = unet_run(config, places)
    run.train()
    write_denoiser(run, places)


def write_denoiser(run: Run, places: Places) -> None:
    """Export the averaged UNet and text encoder; `run` is spent afterwards."""
    run.average.copy_to(run.part.module)
    export.write_unet(run.part.module.unet, places.shipped)
    export.write_text_encoder(run.part.module.text_encoder, places.shipped)
    note_progress(run, places)


def export_unfinished(config: Config, places: Places) -> None:
    """Export what the saved state holds, while training may go on elsewhere."""
    write_denoiser(unet_run(config, places), places)


def note_progress(run: Run, places: Places) -> None:
    """Say beside the weights how many samples they have seen: what a new machine goes on from."""
    file = places.shipped / "progress.json"
    progress = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    progress[run.part.name] = {"samples_seen": run.cursor, "samples_planned": run.part.samples, **run.part.identity}
    write_json(file, progress)


def write_description(config: Config, places: Places) -> None:
    load_tokenizer(config, places)
    export.write_description(diffusion.build_scheduler(), places.shipped)
