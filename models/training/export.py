"""Writing the checkpoint's folder: diffusers' layout, every weight F16, nothing that is not needed."""

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextModel

from loop import write_atomically, write_json
from world import captions, scenes


def _weights(model: torch.nn.Module, file: Path, prefix: str = "") -> None:
    tensors = {}
    for name, tensor in model.state_dict().items():
        if name.endswith("position_ids"):
            continue  # an index buffer that older transformers saved; no weight
        half = tensor.detach().half().contiguous()
        if not torch.isfinite(half).all():
            raise FloatingPointError(f"{name} does not fit into F16")
        tensors[prefix + name] = half

    def save(temporary: Path) -> None:
        save_file(tensors, temporary, metadata={"format": "pt"})
        temporary.chmod(0o644)  # safetensors writes 0600, which a container of another user could not read

    write_atomically(file, save)


def _config(values: dict[str, Any], class_name: str, file: Path) -> None:
    """Only what describes the model: no private keys, no paths."""
    kept = {key: value for key, value in values.items() if not key.startswith("_")}
    write_json(file, {"_class_name": class_name, "_diffusers_version": "0.42.1", **kept})


def write_autoencoder(model: AutoencoderKL, scaling: float, folder: Path) -> None:
    model.register_to_config(scaling_factor=scaling)
    _config(dict(model.config), "AutoencoderKL", folder / "vae" / "config.json")
    _weights(model, folder / "vae" / "diffusion_pytorch_model.safetensors")


def write_unet(model: UNet2DConditionModel, folder: Path) -> None:
    _config(dict(model.config), "UNet2DConditionModel", folder / "unet" / "config.json")
    _weights(model, folder / "unet" / "diffusion_pytorch_model.safetensors")


def write_text_encoder(model: CLIPTextModel, folder: Path) -> None:
    config = model.config.to_diff_dict()
    for key in ("_name_or_path", "transformers_version", "dtype", "torch_dtype"):
        config.pop(key, None)
    config["architectures"] = ["CLIPTextModel"]
    write_json(folder / "text_encoder" / "config.json", config)
    # transformers 5 dropped the prefix from its classes; every published Stable Diffusion folder has it.
    _weights(model, folder / "text_encoder" / "model.safetensors", prefix="text_model.")


def write_embedder(model: torch.nn.Module, scale: float, folder: Path) -> None:
    """`scale`: what cosines are multiplied with before a softmax over labels."""
    _config({**model.config, "logit_scale": round(scale, 4)}, "DarkroomEmbedder", folder / "embedder" / "config.json")
    _weights(model, folder / "embedder" / "model.safetensors")


def write_discriminator(model: torch.nn.Module, threshold: float, folder: Path) -> None:
    """`threshold`: the score from which on a picture is called real."""
    config = folder / "discriminator" / "config.json"
    _config({**model.config, "threshold": threshold}, "DarkroomDiscriminator", config)
    _weights(model, folder / "discriminator" / "model.safetensors")


def write_description(scheduler: DDIMScheduler, folder: Path) -> None:
    """model_index.json, the scheduler, the defaults for generating, and the vocabulary."""
    _config(dict(scheduler.config), "DDIMScheduler", folder / "scheduler" / "scheduler_config.json")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.42.1",
        "feature_extractor": [None, None],
        "image_encoder": [None, None],
        "requires_safety_checker": False,
        "safety_checker": [None, None],
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    write_json(folder / "model_index.json", index)
    defaults = {
        "num_inference_steps": 20,
        "guidance_scale": 3.0,
        "scheduler": "DDIM",
        "width": scenes.SIZE,
        "height": scenes.SIZE,
    }
    write_json(folder / "generation_config.json", defaults)
    write_json(folder / "vocabulary.json", captions.vocabulary())
