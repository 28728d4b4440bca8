"""Whole runs of StableDiffusionPipeline, with everything on the way."""

import inspect
from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline

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


@torch.no_grad()
def make(root: Path, checkpoint: str, pipe: StableDiffusionPipeline) -> None:
    folder = root / "pipelines" / Path(checkpoint).name
    base = pipe.scheduler.config
    runs = []
    for asked in RUNS:
        run = {"file": f"{asked['id']}.safetensors", "height": 64, "width": 64, "extra_call_args": {}, **asked}
        pipe.scheduler = DDIMScheduler.from_config(base, **run.get("scheduler_overrides", {}))
        config = {key: value for key, value in pipe.scheduler.config.items() if key != "_use_default_values"}
        tensors, timesteps = _run(pipe, run)
        runs.append({**run, "step_timesteps": timesteps, "scheduler_config": {**config, "_class_name": "DDIMScheduler"}})
        write_tensors(folder / run["file"], tensors)
    write_json(folder / "index.json", {"checkpoint": checkpoint, "runs": runs})


def _run(pipe: StableDiffusionPipeline, run: dict[str, Any]) -> tuple[dict[str, torch.Tensor], list[float]]:
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
    seeds = run["seed"]
    image = pipe(
        prompt=run["prompt"],
        negative_prompt=run["negative_prompt"],
        guidance_scale=run["guidance_scale"],
        num_inference_steps=run["num_inference_steps"],
        generator=[_generator(s) for s in seeds] if isinstance(seeds, list) else _generator(seeds),
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
    prompts = run["prompt"] if isinstance(run["prompt"], list) else [run["prompt"]]
    negatives = run["negative_prompt"] or ""
    negatives = negatives if isinstance(negatives, list) else [negatives] * len(prompts)
    embeds, negative_embeds = pipe.encode_prompt(
        prompts, "cpu", 1, True, negatives, clip_skip=run["extra_call_args"].get("clip_skip")
    )
    tensors |= {"input_ids": _ids(pipe, prompts), "prompt_embeds": embeds}
    if run["guidance_scale"] > 1:
        tensors |= {"negative_input_ids": _ids(pipe, negatives), "negative_prompt_embeds": negative_embeds}
    return tensors, timesteps


def _ids(pipe: StableDiffusionPipeline, prompts: list[str]) -> torch.Tensor:
    padded = pipe.tokenizer(prompts, padding="max_length", truncation=True, return_tensors="pt").input_ids
    return padded.to(torch.int32)


def _generator(seed: str) -> torch.Generator:
    return torch.Generator("cpu").manual_seed(int(seed))
