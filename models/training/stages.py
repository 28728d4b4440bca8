"""The parts of training in their order, each picking up what the earlier ones left behind.

A part goes on from its saved state; without one, from the shipped weights; without those or with `from_scratch`, from
nothing.
"""

from typing import Any

import torch
from diffusers import AutoencoderKL
from transformers import CLIPTokenizer

import autoencoder
import diffusion
import export
import text_encoder
import tokenizer
from configuration import Places, TrainingError
from lanes import Lanes
from latents import LatentStore, encoder_digest
from loop import Run
from shipped import forget_progress, go_on, note_progress, read_progress
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


def train_autoencoder(config: Config, places: Places, from_scratch: bool = False) -> None:
    run = autoencoder.run(config["autoencoder"], places)
    exported = read_progress(places).get("autoencoder")
    if not from_scratch:
        go_on(run, exported, {places.shipped / "vae": run.part.module})
    if exported and min(run.cursor, exported["samples_seen"]) >= run.part.samples:
        return  # not even exported again: the decoder there has been trained further, alone
    run.train()
    model = run.finished()
    scaling = autoencoder.measure_scaling(model, config["autoencoder"]["dead_channel_share"])
    export.write_autoencoder(model, scaling, places.shipped)
    forget_progress("decoder", places)  # what it had learnt alone has been written over
    note_progress(run, places)


def load_autoencoder(places: Places) -> tuple[AutoencoderKL, float]:
    """The shipped autoencoder in float32, and its scaling factor."""
    folder = places.shipped / "vae"
    if not (folder / "config.json").exists():
        raise MissingPartError("there is no autoencoder yet: train it first")
    model = AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32).eval()
    model = model.to(memory_format=torch.channels_last)  # a quarter faster on a CPU
    return model, float(model.config.scaling_factor)


def encode_latents(config: Config, places: Places) -> None:
    model, _ = load_autoencoder(places)
    wanted, digest, lanes = config["latents"], encoder_digest(model), Lanes(config["latents"]["lanes"])
    LatentStore(places, digest, None).encode(model, scenes.primer_size(), wanted["batch"], lanes)
    LatentStore(places, digest, wanted["pair_share"]).encode(model, wanted["scenes"], wanted["batch"], lanes)


def warm_up_text(config: Config, places: Places, from_scratch: bool = False) -> Run:
    """The text encoder's warm start, which runs unless it has; the module's `encoder` holds the averaged weights."""
    run = text_encoder.warm_start(config["text_encoder"], places, load_tokenizer(config, places))
    progress = {} if from_scratch else read_progress(places)
    entry = progress.get("text-encoder")
    if entry is None and "unet" in progress:
        entry = {"samples_seen": run.part.samples}  # the UNet's text encoder had its warm start before all else
    go_on(run, entry, {places.shipped / "text_encoder": run.part.module.encoder})
    if run.begun_at == 0:  # else only the encoder was read, not the heads that a warm start ends with
        run.train()
        run.finished()
        if "unet" not in read_progress(places):  # the shipped text encoder is the shipped UNet's
            export.write_text_encoder(run.part.module.encoder, places.shipped)
            note_progress(run, places)
    return run


def unet_run(config: Config, places: Places, from_scratch: bool = False) -> tuple[Run, Run]:
    """The run of UNet and text encoder, as far as it has come, and the warm start that it began with."""
    model, scaling = load_autoencoder(places)
    digest = encoder_digest(model)
    store, primer = LatentStore(places, digest, config["latents"]["pair_share"]), LatentStore(places, digest, None)
    warm_start = warm_up_text(config, places, from_scratch)
    text = warm_start.part.module.encoder
    unet = diffusion.build_unet(config["unet"], model.config.latent_channels, text.config.hidden_size)
    denoiser = diffusion.Denoiser(unet, text)
    words = load_tokenizer(config, places)
    choices = {**config["unet"], "scenes": config["latents"]["scenes"]}
    run = diffusion.run(choices, places, denoiser, words, store, primer, scaling)
    if not from_scratch:
        models = {places.shipped / "unet": unet, places.shipped / "text_encoder": text}
        go_on(run, read_progress(places).get("unet"), models)
    return run, warm_start


def train_unet(config: Config, places: Places, from_scratch: bool = False) -> None:
    run, warm_start = unet_run(config, places, from_scratch)
    run.train()
    write_denoiser(run, warm_start, places)


def write_denoiser(run: Run, warm_start: Run, places: Places) -> None:
    """Export the averaged UNet and text encoder; `run` is spent afterwards."""
    denoiser = run.finished()
    export.write_unet(denoiser.unet, places.shipped)
    export.write_text_encoder(denoiser.text_encoder, places.shipped)
    note_progress(run, places, warm_start)


def export_unfinished(config: Config, places: Places) -> None:
    """Export what the saved state holds, while training may go on elsewhere."""
    write_denoiser(*unet_run(config, places), places)


def write_description(config: Config, places: Places) -> None:
    load_tokenizer(config, places)
    export.write_description(diffusion.build_scheduler(), places.shipped)
