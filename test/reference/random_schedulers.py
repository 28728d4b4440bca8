"""Scheduler runs with configs drawn at random: what nobody thought of beside what somebody did."""

import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers.utils import is_scipy_available

from golden_files import write_json, write_tensors

MODEL = {"A": 1.3, "B": 1000.0, "C": 0.0}
NOISE_SEED = 10000
SHAPES = ([1, 4, 2, 2], [2, 4, 3, 3], [3, 1, 5, 1])
# Where the reference itself is this far from its own result a rounding away, there is nothing to compare with.
CHAOTIC = 1e-4

Options = dict[str, list[Any]]

BETAS: Options = {
    "num_train_timesteps": [1000, 1000, 1000, 500, 100],
    "beta_schedule": ["linear", "scaled_linear", "scaled_linear", "squaredcos_cap_v2"],
    "beta_start": [0.0001, 0.00085, 0.0015],
    "beta_end": [0.02, 0.012, 0.0195],
}
SPACED: Options = {"timestep_spacing": ["leading", "trailing", "linspace"], "steps_offset": [0, 1, 2]}
THREE: Options = {"prediction_type": ["epsilon", "sample", "v_prediction"]}
TWO: Options = {"prediction_type": ["epsilon", "v_prediction", "epsilon", "v_prediction", "sample"]}
ZERO: Options = {"rescale_betas_zero_snr": [False, True]}
THRESHOLD: Options = {
    "thresholding": [False, True],
    "dynamic_thresholding_ratio": [0.995, 0.9, 0.5],
    "sample_max_value": [1.0, 1.5, 3.0],
}
CLIP: Options = {"clip_sample": [False, True], "clip_sample_range": [1.0, 2.5]}
SIGMAS: Options = {
    "use_karras_sigmas": [False, True],
    "use_exponential_sigmas": [False, True],
    **({"use_beta_sigmas": [False, True]} if is_scipy_available() else {}),
}
BOUNDS: Options = {"sigma_min": [None, 0.02, 0.1], "sigma_max": [None, 10.0, 20.0]}
FINAL: Options = {"final_sigmas_type": ["zero", "sigma_min"]}
FLOW: Options = {"use_flow_sigmas": [False, False, True], "flow_shift": [1.0, 3.0]}


@dataclass(frozen=True)
class Kind:
    """One class: what its config may say, and what its methods may be told."""

    config: Options
    set_timesteps: Options
    step: Options


KINDS: dict[str, Kind] = {
    "DDIMScheduler": Kind(
        BETAS | SPACED | THREE | ZERO | THRESHOLD | CLIP | {"set_alpha_to_one": [True, False]},
        {},
        {"eta": [0.0, 0.3, 1.0], "use_clipped_model_output": [False, True]},
    ),
    "DDPMScheduler": Kind(
        BETAS
        | SPACED
        | THREE
        | ZERO
        | THRESHOLD
        | CLIP
        | {
            "variance_type": ["fixed_small", "fixed_small_log", "fixed_large"],
            "beta_schedule": ["linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid", "laplace"],
        },
        {"timesteps": [[950, 600, 210, 40], [99, 50, 49, 0]]},
        {},
    ),
    "PNDMScheduler": Kind(
        BETAS | SPACED | TWO | {"skip_prk_steps": [False, True], "set_alpha_to_one": [False, True]}, {}, {}
    ),
    "EulerDiscreteScheduler": Kind(
        BETAS
        | SPACED
        | THREE
        | ZERO
        | SIGMAS
        | BOUNDS
        | FINAL
        | {"interpolation_type": ["linear", "log_linear"], "timestep_type": ["discrete", "continuous"]},
        {"timesteps": [[950, 600, 210, 40]], "sigmas": [[12.0, 5.0, 1.5, 0.2, 0.0]]},
        {"s_churn": [0.0, 0.5, 4.0], "s_tmin": [0.0, 0.05], "s_tmax": [math.inf, 10.0], "s_noise": [1.0, 1.003]},
    ),
    "EulerAncestralDiscreteScheduler": Kind(BETAS | SPACED | TWO | ZERO, {}, {}),
    "HeunDiscreteScheduler": Kind(
        BETAS
        | SPACED
        | THREE
        | SIGMAS
        | BOUNDS
        | CLIP
        | {"beta_schedule": ["linear", "scaled_linear", "squaredcos_cap_v2", "exp"]},
        {"timesteps": [[950, 600, 210, 40]]},
        {},
    ),
    "DPMSolverMultistepScheduler": Kind(
        BETAS
        | SPACED
        | ZERO
        | THRESHOLD
        | SIGMAS
        | FINAL
        | FLOW
        | {
            "prediction_type": ["epsilon", "sample", "v_prediction", "flow_prediction"],
            "solver_order": [1, 2, 3],
            "algorithm_type": ["dpmsolver++", "dpmsolver++", "sde-dpmsolver++", "dpmsolver", "sde-dpmsolver"],
            "solver_type": ["midpoint", "heun", "bh2"],
            "lower_order_final": [True, False],
            "euler_at_final": [False, True],
            "use_lu_lambdas": [False, True],
            "lambda_min_clipped": [-5.1, -4.0],
            "sigma_min": [None, 0.1],
            "sigma_max": [None, 10.0],
        },
        {"timesteps": [[950, 600, 210, 40]]},
        {},
    ),
    "UniPCMultistepScheduler": Kind(
        BETAS
        | SPACED
        | ZERO
        | THRESHOLD
        | SIGMAS
        | BOUNDS
        | FINAL
        | FLOW
        | {
            "prediction_type": ["epsilon", "sample", "v_prediction", "flow_prediction"],
            "solver_order": [1, 2, 3, 4],
            "solver_type": ["bh1", "bh2", "midpoint"],
            "predict_x0": [True, True, False],
            "lower_order_final": [True, False],
            "disable_corrector": [[], [0], [0, 1, 3]],
        },
        {},
        {},
    ),
    "LCMScheduler": Kind(
        BETAS
        | SPACED
        | THREE
        | ZERO
        | THRESHOLD
        | CLIP
        | {"original_inference_steps": [50, 100, 20], "timestep_scaling": [10.0, 5.0], "set_alpha_to_one": [True, False]},
        {"timesteps": [[950, 600, 210, 40], [999, 759, 500, 259]]},
        {},
    ),
    "FlowMatchEulerDiscreteScheduler": Kind(
        SIGMAS
        | BOUNDS
        | {
            "num_train_timesteps": [1000, 500],
            "shift": [1.0, 3.0, 0.5],
            "use_dynamic_shifting": [False, True],
            "time_shift_type": ["exponential", "linear"],
            "invert_sigmas": [False, True],
            "shift_terminal": [None, 0.1],
            "stochastic_sampling": [False, True],
        },
        {"mu": [0.6, 1.15], "sigmas": [[1.0, 0.8, 0.5, 0.2]], "timesteps": [[1000.0, 700.0, 300.5]]},
        {"s_churn": [0.0, 0.5]},
    ),
}
STEPS = (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 14, 15, 16, 20, 25, 30, 33, 48, 50)


def make(root: Path, seed: int, count: int) -> None:
    """`count` runs of each class, a file each."""
    dice = random.Random(seed)
    for name, kind in KINDS.items():
        shape = dice.choice(SHAPES)
        cases: list[dict[str, Any]] = []
        tensors: dict[str, torch.Tensor] = {}
        while len(cases) < count:
            case = _draw(dice, name, kind, f"{len(cases):03}")
            made = _made(case, shape)
            if made is None:
                continue
            described, more = made
            cases.append(described)
            tensors |= {f"{case['id']}.{key}": tensor for key, tensor in more.items()}
        shared = {"fake_model": MODEL, "base_noise_seed": NOISE_SEED, "shape": shape}
        write_json(root / f"schedulers/{name}.json", {**shared, "cases": cases})
        write_tensors(root / f"schedulers/{name}.safetensors", tensors)


def _draw(dice: random.Random, name: str, kind: Kind, number: str) -> dict[str, Any]:
    def some(options: Options, share: float) -> dict[str, Any]:
        return {key: dice.choice(values) for key, values in options.items() if dice.random() < share}

    config = some(kind.config, 0.4)
    spaced = [key for key in config if key in SIGMAS and config[key]]
    # diffusers knows one at a time, and a config that asks for two says little.
    for key in dice.sample(spaced, max(0, len(spaced) - 1)):
        if dice.random() < 0.9:
            del config[key]
    chosen = some(kind.set_timesteps, 0.06)
    if config.get("use_dynamic_shifting") and dice.random() < 0.9:
        chosen["mu"] = dice.choice([0.6, 1.15])
    steps = None if {"timesteps", "sigmas"} & set(chosen) else dice.choice(STEPS)
    return {
        "id": number,
        "class": name,
        "config": config,
        "num_inference_steps": steps,
        "generator_seed": dice.randrange(2**40),
        **({"set_timesteps_kwargs": chosen} if chosen else {}),
        **({"step_kwargs": some(kind.step, 0.4)} if kind.step else {}),
    }


def _made(case: dict[str, Any], shape: list[int]) -> tuple[dict[str, Any], dict[str, torch.Tensor]] | None:
    """What the reference makes of a case; None where it breaks instead of refusing."""
    try:
        run = _run(case, shape)
        shaken = [_run(case, shape, shaken=number)["traj"] for number in (1, 2, 3)]
    except (NotImplementedError, ValueError) as error:
        return {**case, "raises": f"{type(error).__name__}: {error}"}, {}
    except (AssertionError, AttributeError, IndexError, RuntimeError, TypeError, UnboundLocalError, ZeroDivisionError):
        return None
    latents = run["traj"]
    whole = not run["timesteps"].is_floating_point()
    described = {**case, "init_noise_sigma": run.pop("sigma")}
    if not torch.isfinite(latents).all():
        return {**described, "reference_output_not_finite": True}, {}
    noise = max(_distance(other, latents) for other in shaken)
    if whole:
        run["timesteps"] = run["timesteps"].to(torch.int32)
    described |= {"noise": noise, "tol_sigmas": 3e-5, "tol_timesteps": 0 if whole else 3e-5}
    if not noise <= CHAOTIC:
        del run["traj"]
        return {**described, "ill_conditioned": True}, run
    return {**described, "tol": max(5e-5, 20 * noise)}, run


def _run(case: dict[str, Any], shape: list[int], shaken: int = 0) -> dict[str, Any]:
    """`shaken`: seed of errors as small as a rounding, put on the schedule, the model's outputs and the latents."""
    scheduler = getattr(diffusers, case["class"])(**case["config"])
    shaking = torch.Generator("cpu").manual_seed(shaken)

    def rounded(x: torch.Tensor) -> torch.Tensor:
        return x * (1 + torch.randn(x.shape, generator=shaking) * 2**-24) if shaken else x

    if hasattr(scheduler, "alphas_cumprod"):
        scheduler.alphas_cumprod = rounded(scheduler.alphas_cumprod).clamp(max=1 - 2**-24)
    steps = {} if case["num_inference_steps"] is None else {"num_inference_steps": case["num_inference_steps"]}
    scheduler.set_timesteps(**steps, **case.get("set_timesteps_kwargs", {}))
    generator = torch.Generator("cpu").manual_seed(case["generator_seed"])
    # Flow matching has no word for it, and needs none.
    sigma = float(getattr(scheduler, "init_noise_sigma", 1.0))
    x = rounded(torch.randn(shape, generator=torch.Generator("cpu").manual_seed(NOISE_SEED)) * sigma)
    latents = [x]
    draws = {"generator": generator} if "generator" in scheduler.step.__code__.co_varnames else {}
    for t in scheduler.timesteps:
        seen = scheduler.scale_model_input(x, t) if hasattr(scheduler, "scale_model_input") else x
        output = torch.sin(seen.double() * MODEL["A"] + float(t) / MODEL["B"] + MODEL["C"]).float()
        x = rounded(scheduler.step(rounded(output), t, x, **draws, **case.get("step_kwargs", {})).prev_sample)
        latents.append(x)
    sigmas = getattr(scheduler, "sigmas", None)
    return {
        "timesteps": scheduler.timesteps,
        **({} if sigmas is None else {"sigmas": sigmas}),
        "traj": torch.stack(latents),
        "sigma": sigma,
    }


def _distance(a: torch.Tensor, b: torch.Tensor) -> float:
    """Of the worst step, as the comparison has it."""
    pairs = zip(a, b)
    return max(float((x - y).abs().max() / max(1.0, float(y.abs().max()))) for x, y in pairs)
