"""Runs that start from a picture or a latent, with what the loop begins with."""

import inspect
from pathlib import Path
from typing import Any

import diffusers
import torch

from golden_files import write_json, write_tensors
from pipelines import generators

PROMPT, NEGATIVE = "a red fox under the moon", "blurry!"


@torch.no_grad()
def make(root: Path, checkpoint: str, pipe: Any, sides: tuple[int, int], asked_runs: list[dict[str, Any]]) -> None:
    """`pipe`: an image-to-image pipeline. `sides`: height and width of the picture that the runs start from."""
    base, own = pipe.scheduler.config, type(pipe.scheduler).__name__
    torch.manual_seed(5)
    image_u8 = torch.randint(0, 256, [1, 3, *sides], dtype=torch.uint8)
    image = image_u8.float() / 255
    latent = pipe.vae.encode(2 * image - 1).latent_dist.mode() * pipe.vae.config.scaling_factor
    tensors = {"image_u8": image_u8, "latent": latent}
    index = []
    for i, asked in enumerate(asked_runs):
        run = {
            "id": f"r{i}",
            "guidance_scale": 3.0,
            "prompt": PROMPT,
            "negative_prompt": NEGATIVE,
            "seed": str(900 + i),
            "extra_call_args": {},
            **asked,
        }
        name = run.pop("scheduler", own)
        pipe.scheduler = getattr(diffusers, name).from_config(base, **run.get("scheduler_overrides", {}))
        config = {key: value for key, value in pipe.scheduler.config.items() if key != "_use_default_values"}
        made, timesteps = _run(pipe, run, image if run["source"] == "image" else latent)
        tensors |= {f"{run['id']}.{key}": value for key, value in made.items()}
        index.append({**run, "step_timesteps": timesteps, "scheduler_config": {**config, "_class_name": name}})
    folder = root / "img2img" / Path(checkpoint).name
    write_tensors(folder / "runs.safetensors", tensors)
    write_json(folder / "index.json", {"checkpoint": checkpoint, "runs": index})


def _run(pipe: Any, run: dict[str, Any], start: torch.Tensor) -> tuple[dict[str, torch.Tensor], list[float]]:
    steps: list[tuple[float, torch.Tensor, torch.Tensor]] = []
    step = pipe.scheduler.step

    def watched(output: torch.Tensor, t: Any, x: torch.Tensor, **options: Any) -> Any:
        result = step(output, t, x, **options)
        steps.append((float(t), x, result[0]))
        return result

    # The pipeline looks at the signature to find out what a scheduler takes.
    watched.__signature__ = inspect.signature(step)
    pipe.scheduler.step = watched
    pipe(
        prompt=run["prompt"],
        negative_prompt=run["negative_prompt"],
        image=start,
        strength=run["strength"],
        guidance_scale=run["guidance_scale"],
        num_inference_steps=run["num_inference_steps"],
        generator=generators(run["seed"]),
        output_type="latent",
        **run["extra_call_args"],
    )
    tensors = {"start_latents": steps[0][1], "first_step": steps[0][2], "final_latents": steps[-1][2]}
    return tensors, [timestep for timestep, _, _ in steps]
