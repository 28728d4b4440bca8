"""Whole runs of StableDiffusionPipeline and StableDiffusionXLPipeline, with everything on the way."""

import inspect
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import DiffusionPipeline

from golden_files import write_json, write_tensors

RUNS: list[dict[str, Any]] = [
    {
        "id": "plain",
        "prompt": "a red fox on a white background",
        "negative_prompt": "blurry!",
        "guidance_scale": 3.0,
        "num_inference_steps": 5,
        "seed": "42",
    },
    {
        "id": "eta_rescale",
        "prompt": "the sun over the sea",
        "negative_prompt": None,
        "guidance_scale": 6.0,
        "num_inference_steps": 4,
        "seed": "4294967338",
        "extra_call_args": {"eta": 0.6, "guidance_rescale": 0.7, "clip_skip": 1},
        "scheduler_overrides": {"rescale_betas_zero_snr": True},
    },
    {
        "id": "two_of_two",
        "prompt": ["a green bird", "two cats under the moon"],
        "negative_prompt": ["", "dog"],
        "guidance_scale": 2.5,
        "num_inference_steps": 3,
        "seed": ["1", "2"],
        "width": 48,
        "scheduler_overrides": {"timestep_spacing": "linspace"},
    },
    {
        "id": "unguided_twice",
        "prompt": "a yellow moon",
        "negative_prompt": None,
        "guidance_scale": 1.0,
        "num_inference_steps": 3,
        "seed": "7",
        "extra_call_args": {"num_images_per_prompt": 2, "eta": 1.0},
        "scheduler_overrides": {"timestep_spacing": "leading", "prediction_type": "epsilon"},
    },
]

RUNS_XL: list[dict[str, Any]] = [
    {
        "id": "sizes_and_second_prompts",
        "prompt": "a red fox on a white background",
        "negative_prompt": "blurry!",
        "guidance_scale": 3.0,
        "num_inference_steps": 4,
        "seed": "42",
        "width": 40,
        "extra_call_args": {
            "prompt_2": "two cats under the moon!",
            "negative_prompt_2": "dog",
            "original_size": [64, 48],
            "crops_coords_top_left": [8, 4],
            "target_size": [32, 40],
            "negative_original_size": [16, 24],
            "negative_crops_coords_top_left": [2, 0],
            "negative_target_size": [40, 32],
            "clip_skip": 1,
        },
    },
    {
        "id": "no_negative_prompt",
        "prompt": "the sun over the sea",
        "negative_prompt": None,
        "guidance_scale": 5.0,
        "num_inference_steps": 3,
        "seed": "3",
        "scheduler": "EulerAncestralDiscreteScheduler",
        "extra_call_args": {"num_images_per_prompt": 2},
    },
]


@torch.no_grad()
def make(root: Path, checkpoint: str, pipe: DiffusionPipeline, asked_runs: list[dict[str, Any]], size: int) -> None:
    folder = root / "pipelines" / Path(checkpoint).name
    base, own = pipe.scheduler.config, type(pipe.scheduler).__name__
    runs = []
    for asked in asked_runs:
        run = {"file": f"{asked['id']}.safetensors", "height": size, "width": size, "extra_call_args": {}, **asked}
        scheduler = run.pop("scheduler", own)
        pipe.scheduler = getattr(diffusers, scheduler).from_config(base, **run.get("scheduler_overrides", {}))
        config = {key: value for key, value in pipe.scheduler.config.items() if key != "_use_default_values"}
        tensors, timesteps = _run(pipe, run)
        runs.append({**run, "step_timesteps": timesteps, "scheduler_config": {**config, "_class_name": scheduler}})
        write_tensors(folder / run["file"], tensors)
    write_json(folder / "index.json", {"checkpoint": checkpoint, "runs": runs})


def _run(pipe: DiffusionPipeline, run: dict[str, Any]) -> tuple[dict[str, torch.Tensor], list[float]]:
    inputs: list[torch.Tensor] = []
    outputs: list[torch.Tensor] = []
    latents: list[torch.Tensor] = []
    timesteps: list[float] = []
    step = pipe.scheduler.step

    def watched(output: torch.Tensor, t: Any, x: torch.Tensor, **options: Any) -> Any:
        result = step(output, t, x, **options)
        inputs.append(x)
        outputs.append(output)
        latents.append(result[0])
        timesteps.append(float(t))
        return result

    # The pipeline looks at the signature to find out what a scheduler takes.
    watched.__signature__ = inspect.signature(step)
    pipe.scheduler.step = watched
    image = pipe(
        prompt=run["prompt"],
        negative_prompt=run["negative_prompt"],
        guidance_scale=run["guidance_scale"],
        num_inference_steps=run["num_inference_steps"],
        generator=generators(run["seed"]),
        height=run["height"],
        width=run["width"],
        output_type="np",
        **run["extra_call_args"],
    ).images
    tensors = {
        "initial_latents": inputs[0],
        "step_model_output": torch.stack(outputs),
        "step_latents": torch.stack(latents),
        "final_latents": latents[-1],
        "image": torch.from_numpy(image),
        "image_u8": torch.from_numpy((image * 255).round().astype("uint8")),
    }
    return tensors | _texts(pipe, run), timesteps


def _texts(pipe: DiffusionPipeline, run: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Token ids and embeddings, under diffusers' own names."""
    extra = run["extra_call_args"]
    prompts = run["prompt"] if isinstance(run["prompt"], list) else [run["prompt"]]
    negatives = run["negative_prompt"]
    guided = run["guidance_scale"] > 1
    options: dict[str, Any] = {"clip_skip": extra.get("clip_skip")}
    tokenizers = {"": pipe.tokenizer}
    seconds = {"": "", "negative_": ""}
    if hasattr(pipe, "tokenizer_2"):
        tokenizers["_2"] = pipe.tokenizer_2
        seconds = {"": extra.get("prompt_2"), "negative_": extra.get("negative_prompt_2")}
        options |= {"prompt_2": seconds[""], "negative_prompt_2": seconds["negative_"]}
    else:
        negatives = negatives or ""
        negatives = negatives if isinstance(negatives, list) else [negatives] * len(prompts)
    encoded = pipe.encode_prompt(
        prompt=prompts,
        device="cpu",
        num_images_per_prompt=1,
        do_classifier_free_guidance=guided,
        negative_prompt=negatives,
        **options,
    )
    names = ["prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds"]
    tensors = {name: tensor for name, tensor in zip(names, encoded) if guided or not name.startswith("negative_")}
    for prefix, texts in {"": prompts, "negative_": negatives or ""}.items():
        if prefix and not guided:
            continue
        for suffix, tokenizer in tokenizers.items():
            asked = (seconds[prefix] or texts) if suffix else texts
            rows = asked if isinstance(asked, list) else [asked] * len(prompts)
            tensors[f"{prefix}input_ids{suffix}"] = _ids(tokenizer, rows)
    return tensors


def _ids(tokenizer: Any, prompts: list[str]) -> torch.Tensor:
    return tokenizer(prompts, padding="max_length", truncation=True, return_tensors="pt").input_ids.to(torch.int32)


def generators(seeds: str | list[str]) -> torch.Generator | list[torch.Generator]:
    """One for all pictures, or one for each."""
    made = [torch.Generator("cpu").manual_seed(int(seed)) for seed in ([seeds] if isinstance(seeds, str) else seeds)]
    return made[0] if isinstance(seeds, str) else made
