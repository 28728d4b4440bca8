"""What each part of a checkpoint computes."""

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, DiffusionPipeline, UNet2DConditionModel

from golden_files import write_json, write_tensors

PROMPTS = ["a red fox on a white background", "", "the sea, the sun and a very big yellow moon over the far lake"]


@torch.no_grad()
def make(root: Path, checkpoint: str, pipe: DiffusionPipeline) -> None:
    folder = root / "components" / Path(checkpoint).name
    for suffix in ("", "_2"):
        if encoder := getattr(pipe, f"text_encoder{suffix}", None):
            tokenizer = getattr(pipe, f"tokenizer{suffix}")
            text_encoder(folder, f"{checkpoint}/text_encoder{suffix}", tokenizer, encoder)
    pooled = None if pipe.unet.config.addition_embed_type is None else pipe.text_encoder_2.config.projection_dim
    unet(folder, f"{checkpoint}/unet", pipe.unet, pooled)
    vae(folder, f"{checkpoint}/vae", pipe.vae)


def text_encoder(folder: Path, part: str, tokenizer: Any, encoder: Any) -> None:
    padded = tokenizer(PROMPTS, padding="max_length", truncation=True, return_tensors="pt").input_ids
    out = encoder(padded, output_hidden_states=True)
    norm = encoder.text_model.final_layer_norm
    tensors = {
        "input_ids": padded.to(torch.int32),
        "last_hidden_state": out.last_hidden_state,
        **({"text_embeds": out.text_embeds} if "text_embeds" in out else {"pooler_output": out.pooler_output}),
        **{f"hidden_states.{i}": state for i, state in enumerate(out.hidden_states)},
        "clip_skip_1.prompt_embeds": norm(out.hidden_states[-2]),
    }
    short = padded[:2, :7]
    tensors |= {
        "short.input_ids": short.to(torch.int32),
        "short.last_hidden_state": encoder(short).last_hidden_state,
    }
    name = Path(part).name
    write_tensors(folder / f"{name}.safetensors", tensors)
    write_json(folder / f"{name}.json", {"prompts": PROMPTS, "checkpoint": part})


def unet(folder: Path, part: str, model: UNet2DConditionModel, pooled: int | None = None) -> None:
    """`pooled`: size of the text as one vector, where the model is told that and sizes."""
    generator = torch.Generator("cpu").manual_seed(1)
    channels, width = model.config.in_channels, model.config.cross_attention_dim
    cases: list[dict[str, Any]] = []
    tensors: dict[str, torch.Tensor] = {}
    for name, timestep, (batch, *sides), sequence in (
        ("c00", 999, [2, 8, 8], 24),
        ("c01", 1, [1, 8, 8], 24),
        ("c02", 333.25, [1, 8, 8], 24),
        ("s00", 500, [1, 5, 7], 24),
        ("b00", [999, 1], [2, 8, 8], 24),
        ("r00", 500, [1, 4, 4], 11),
    ):
        shape = [batch, channels, *sides]
        given = {
            "sample": torch.randn(shape, generator=generator),
            "encoder_hidden_states": torch.randn([batch, sequence, width], generator=generator),
        }
        if pooled is not None:
            given["text_embeds"] = torch.randn([batch, pooled], generator=generator)
            given["time_ids"] = torch.randint(0, 1024, [batch, 6], generator=generator).float()
        sample, context, *more = given.values()
        added = dict(zip(("text_embeds", "time_ids"), more))
        out = model(sample, torch.tensor(timestep), context, added_cond_kwargs=added or None).sample
        if not torch.isfinite(out).all():
            raise ValueError(f"{part} gives no numbers")
        tensors |= {f"{name}.{key}": tensor for key, tensor in given.items()} | {f"{name}.out": out}
        cases.append({"id": name, "timestep": timestep, "shape": shape})
    write_tensors(folder / "unet.safetensors", tensors)
    write_json(folder / "unet.json", {"checkpoint": part, "cases": cases})


def vae(folder: Path, part: str, model: AutoencoderKL) -> None:
    generator = torch.Generator("cpu").manual_seed(2)
    image = torch.rand([1, model.config.in_channels, 40, 32], generator=generator) * 2 - 1
    posterior = model.encode(image).latent_dist
    latents = torch.randn([2, model.config.latent_channels, 4, 3], generator=generator)
    seed = 77
    tensors = {
        "enc0.image": image,
        "enc0.moments": posterior.parameters,
        "enc0.mode": posterior.mode(),
        "enc0.std": posterior.std,
        "enc0.sample": posterior.sample(torch.Generator("cpu").manual_seed(seed)),
        "dec0.latents": latents,
        "dec0.image": model.decode(latents).sample,
    }
    write_tensors(folder / "vae.safetensors", tensors)
    cases = [{"id": "enc0", "kind": "encode", "sample_seed": seed}, {"id": "dec0", "kind": "decode"}]
    write_json(folder / "vae.json", {"checkpoint": part, "cases": cases})
