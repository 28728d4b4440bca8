"""What each part of the tiny checkpoint computes."""

from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline

from golden_files import write_json, write_tensors

PROMPTS = ["a red fox on a white background", "", "the sea, the sun and a very big yellow moon over the far lake"]


@torch.no_grad()
def make(root: Path, checkpoint: str, pipe: StableDiffusionPipeline) -> None:
    folder = root / "components" / Path(checkpoint).name
    _text_encoder(folder, checkpoint, pipe)
    _unet(folder, checkpoint, pipe)
    _vae(folder, checkpoint, pipe)


def _text_encoder(folder: Path, checkpoint: str, pipe: StableDiffusionPipeline) -> None:
    tokenizer, encoder = pipe.tokenizer, pipe.text_encoder
    padded = tokenizer(PROMPTS, padding="max_length", truncation=True, return_tensors="pt").input_ids
    out = encoder(padded, output_hidden_states=True)
    norm = encoder.text_model.final_layer_norm
    tensors = {
        "input_ids": padded.to(torch.int32),
        "last_hidden_state": out.last_hidden_state,
        "pooler_output": out.pooler_output,
        **{f"hidden_states.{i}": state for i, state in enumerate(out.hidden_states)},
        "clip_skip_1.prompt_embeds": norm(out.hidden_states[-2]),
    }
    short = padded[:2, :7]
    tensors |= {
        "short.input_ids": short.to(torch.int32),
        "short.last_hidden_state": encoder(short).last_hidden_state,
    }
    write_tensors(folder / "text_encoder.safetensors", tensors)
    write_json(folder / "text_encoder.json", {"prompts": PROMPTS, "checkpoint": f"{checkpoint}/text_encoder"})


def _unet(folder: Path, checkpoint: str, pipe: StableDiffusionPipeline) -> None:
    generator = torch.Generator("cpu").manual_seed(1)
    cases: list[dict[str, Any]] = []
    tensors: dict[str, torch.Tensor] = {}
    for name, timestep, shape, sequence in (
        ("c00", 999, [2, 8, 8, 8], 24),
        ("c01", 1, [1, 8, 8, 8], 24),
        ("c02", 333.25, [1, 8, 8, 8], 24),
        ("s00", 500, [1, 8, 5, 7], 24),
        ("b00", [999, 1], [2, 8, 8, 8], 24),
        ("r00", 500, [1, 8, 4, 4], 11),
    ):
        sample = torch.randn(shape, generator=generator)
        context = torch.randn([shape[0], sequence, 16], generator=generator)
        out = pipe.unet(sample, torch.tensor(timestep), context).sample
        tensors |= {f"{name}.sample": sample, f"{name}.encoder_hidden_states": context, f"{name}.out": out}
        cases.append({"id": name, "timestep": timestep, "shape": shape})
    write_tensors(folder / "unet.safetensors", tensors)
    write_json(folder / "unet.json", {"checkpoint": f"{checkpoint}/unet", "cases": cases})


def _vae(folder: Path, checkpoint: str, pipe: StableDiffusionPipeline) -> None:
    generator = torch.Generator("cpu").manual_seed(2)
    image = torch.rand([1, 3, 40, 32], generator=generator) * 2 - 1
    posterior = pipe.vae.encode(image).latent_dist
    latents = torch.randn([2, 8, 4, 3], generator=generator)
    seed = 77
    tensors = {
        "enc0.image": image,
        "enc0.moments": posterior.parameters,
        "enc0.mode": posterior.mode(),
        "enc0.std": posterior.std,
        "enc0.sample": posterior.sample(torch.Generator("cpu").manual_seed(seed)),
        "dec0.latents": latents,
        "dec0.image": pipe.vae.decode(latents).sample,
    }
    write_tensors(folder / "vae.safetensors", tensors)
    cases = [{"id": "enc0", "kind": "encode", "sample_seed": seed}, {"id": "dec0", "kind": "decode"}]
    write_json(folder / "vae.json", {"checkpoint": f"{checkpoint}/vae", "cases": cases})
