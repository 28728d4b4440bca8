"""Scheduler runs under a formula that stands for the model."""

from pathlib import Path
from typing import Any

import diffusers
import torch

from golden_files import write_json, write_tensors
from scheduler_cases import CASES, Case

MODEL = {"A": 1.3, "B": 1000.0, "C": 0.0}
SHAPE = [1, 4, 2, 2]
NOISE_SEED = 10000


def make(root: Path) -> None:
    for name, (class_name, cases) in CASES.items():
        described: list[dict[str, Any]] = []
        tensors: dict[str, torch.Tensor] = {}
        for i, case in enumerate(cases):
            description: dict[str, Any] = {
                "id": f"{i:03}",
                "class": class_name,
                "config": case.config,
                "num_inference_steps": case.steps,
                "generator_seed": 21000 + i,
                **({"set_timesteps_kwargs": case.choice} if case.choice else {}),
                **({"step_kwargs": case.options} if case.options else {}),
            }
            try:
                run = _run(class_name, case, description["generator_seed"])
            except (NotImplementedError, ValueError) as error:
                described.append({**description, "raises": f"{type(error).__name__}: {error}"})
                continue
            whole = not run["timesteps"].is_floating_point()
            tolerances = {"tol": case.tolerance, "tol_sigmas": 1e-5, "tol_timesteps": 0 if whole else 1e-5}
            described.append({**description, "init_noise_sigma": run.pop("sigma"), **tolerances})
            if whole:
                run["timesteps"] = run["timesteps"].to(torch.int32)
            tensors |= {f"{i:03}.{key}": tensor for key, tensor in run.items()}
        shared = {"fake_model": MODEL, "base_noise_seed": NOISE_SEED, "shape": SHAPE}
        write_json(root / f"schedulers/{name}.json", {**shared, "cases": described})
        write_tensors(root / f"schedulers/{name}.safetensors", tensors)


def _run(class_name: str, case: Case, seed: int) -> dict[str, Any]:
    scheduler = getattr(diffusers, class_name)(**case.config)
    steps = {} if case.steps is None else {"num_inference_steps": case.steps}
    scheduler.set_timesteps(**steps, **case.choice)
    generator = torch.Generator("cpu").manual_seed(seed)
    # Flow matching has no word for it, and needs none.
    sigma = float(getattr(scheduler, "init_noise_sigma", 1.0))
    x = torch.randn(SHAPE, generator=torch.Generator("cpu").manual_seed(NOISE_SEED)) * sigma
    latents = [x]
    draws = {"generator": generator} if "generator" in scheduler.step.__code__.co_varnames else {}
    for t in scheduler.timesteps:
        seen = scheduler.scale_model_input(x, t) if hasattr(scheduler, "scale_model_input") else x
        output = torch.sin(seen.double() * MODEL["A"] + float(t) / MODEL["B"] + MODEL["C"]).float()
        x = scheduler.step(output, t, x, **draws, **case.options).prev_sample
        latents.append(x)
    sigmas = getattr(scheduler, "sigmas", None)
    return {
        "timesteps": scheduler.timesteps,
        **({} if sigmas is None else {"sigmas": sigmas}),
        "traj": torch.stack(latents),
        "sigma": sigma,
    }
