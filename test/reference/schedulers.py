"""Scheduler runs under a formula that stands for the model."""

from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler

from golden_files import write_json, write_tensors

MODEL = {"A": 1.3, "B": 1000.0, "C": 0.0}
SHAPE = [1, 4, 2, 2]
NOISE_SEED = 10000
STABLE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "clip_sample": False}


def make(root: Path) -> None:
    cases: list[dict[str, Any]] = []
    tensors: dict[str, torch.Tensor] = {}
    for config, steps, options in _cases():
        name = f"{len(cases):03}"
        case = {
            "id": name,
            "class": "DDIMScheduler",
            "config": config,
            "num_inference_steps": steps,
            "generator_seed": 21000 + len(cases),
            **({"step_kwargs": options} if options else {}),
        }
        timesteps, trajectory, sigma = _run(config, steps, options, case["generator_seed"])
        case |= {"init_noise_sigma": sigma, "tol": 5e-5, "tol_sigmas": 1e-5, "tol_timesteps": 0}
        cases.append(case)
        tensors |= {f"{name}.timesteps": timesteps.to(torch.int32), f"{name}.traj": trajectory}
    write_json(
        root / "schedulers/ddim.json",
        {"fake_model": MODEL, "base_noise_seed": NOISE_SEED, "shape": SHAPE, "cases": cases},
    )
    write_tensors(root / "schedulers/ddim.safetensors", tensors)


def _cases() -> list[tuple[dict[str, Any], int, dict[str, Any]]]:
    cases: list[tuple[dict[str, Any], int, dict[str, Any]]] = []
    for prediction in ("epsilon", "sample", "v_prediction"):
        for spacing in ("leading", "trailing", "linspace"):
            for steps in (1, 7, 15):
                config = {**STABLE, "prediction_type": prediction, "timestep_spacing": spacing, "steps_offset": 1}
                cases.append((config, steps, {}))
    variants: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"beta_schedule": "linear", "beta_start": 0.0001, "beta_end": 0.02}, {}),
        ({"beta_schedule": "squaredcos_cap_v2", "prediction_type": "sample"}, {}),
        ({"trained_betas": [0.0005 * (1 + i / 20) for i in range(100)], "num_train_timesteps": 100}, {}),
        ({"clip_sample": True}, {}),
        ({"clip_sample": True, "clip_sample_range": 2.5}, {"use_clipped_model_output": True}),
        ({"thresholding": True, "dynamic_thresholding_ratio": 0.9, "sample_max_value": 1.5}, {}),
        ({"set_alpha_to_one": False}, {}),
        ({"rescale_betas_zero_snr": True, "timestep_spacing": "trailing", "prediction_type": "v_prediction"}, {}),
        ({}, {"eta": 1.0}),
        ({"prediction_type": "v_prediction", "timestep_spacing": "trailing"}, {"eta": 0.3}),
        ({"clip_sample": True}, {"eta": 0.5, "use_clipped_model_output": True}),
    ]
    return cases + [({**STABLE, **config}, steps, options) for config, options in variants for steps in (4, 9)]


def _run(
    config: dict[str, Any], steps: int, options: dict[str, Any], seed: int
) -> tuple[torch.Tensor, torch.Tensor, float]:
    scheduler = DDIMScheduler(**config)
    scheduler.set_timesteps(steps)
    generator = torch.Generator("cpu").manual_seed(seed)
    sigma = float(scheduler.init_noise_sigma)
    x = torch.randn(SHAPE, generator=torch.Generator("cpu").manual_seed(NOISE_SEED)) * sigma
    latents = [x]
    for t in scheduler.timesteps:
        seen = scheduler.scale_model_input(x, t).double()
        output = torch.sin(seen * MODEL["A"] + float(t) / MODEL["B"] + MODEL["C"]).float()
        x = scheduler.step(output, t, x, generator=generator, **options).prev_sample
        latents.append(x)
    return scheduler.timesteps, torch.stack(latents), sigma
