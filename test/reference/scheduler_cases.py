"""Which scheduler runs the reference data has: by file, a class and its cases."""

from dataclasses import dataclass, field
from typing import Any

Config = dict[str, Any]


@dataclass(frozen=True)
class Case:
    config: Config
    steps: int | None
    """None where `choice` says which timesteps or noise levels."""
    choice: Config = field(default_factory=dict)
    """Other arguments of `set_timesteps`."""
    options: Config = field(default_factory=dict)
    """Other arguments of `step`."""
    tolerance: float = 5e-5
    """What to require of the latents."""


STABLE: Config = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
UNCLIPPED: Config = {**STABLE, "clip_sample": False}
ZERO_SNR: Config = {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing", "prediction_type": "v_prediction"}


def _grid(base: Config, predictions: tuple[str, ...], steps: tuple[int, ...]) -> list[Case]:
    """What the model predicts, by how the timesteps are spaced, by how many there are."""
    return [
        Case({**base, "prediction_type": prediction, "timestep_spacing": spacing, "steps_offset": 1}, count)
        for prediction in predictions
        for spacing in ("leading", "trailing", "linspace")
        for count in steps
    ]


def _each(base: Config, *configs: Config, steps: tuple[int, ...] = (4, 9), tolerance: float = 5e-5) -> list[Case]:
    return [Case({**base, **config}, count, tolerance=tolerance) for config in configs for count in steps]


def _ddim() -> list[Case]:
    variants: list[tuple[Config, Config]] = [
        ({"beta_schedule": "linear", "beta_start": 0.0001, "beta_end": 0.02}, {}),
        ({"beta_schedule": "squaredcos_cap_v2", "prediction_type": "sample"}, {}),
        ({"trained_betas": [0.0005 * (1 + i / 20) for i in range(100)], "num_train_timesteps": 100}, {}),
        ({"clip_sample": True}, {}),
        ({"clip_sample": True, "clip_sample_range": 2.5}, {"use_clipped_model_output": True}),
        ({"thresholding": True, "dynamic_thresholding_ratio": 0.9, "sample_max_value": 1.5}, {}),
        ({"set_alpha_to_one": False}, {}),
        (ZERO_SNR, {}),
        ({}, {"eta": 1.0}),
        ({"prediction_type": "v_prediction", "timestep_spacing": "trailing"}, {"eta": 0.3}),
        ({"clip_sample": True}, {"eta": 0.5, "use_clipped_model_output": True}),
    ]
    return _grid(UNCLIPPED, ALL, (1, 7, 15)) + [
        Case({**UNCLIPPED, **config}, steps, options=options) for config, options in variants for steps in (4, 9)
    ]


ALL = ("epsilon", "sample", "v_prediction")
NOISE = ("epsilon", "v_prediction")
CHURN: Config = {"s_churn": 4.0, "s_tmin": 0.05, "s_tmax": 10.0, "s_noise": 1.003}

CASES: dict[str, tuple[str, list[Case]]] = {
    "ddim": ("DDIMScheduler", _ddim()),
    "ddpm": (
        "DDPMScheduler",
        _grid(UNCLIPPED, ALL, (7,))
        + _each(
            UNCLIPPED,
            {"variance_type": "fixed_large"},
            {"variance_type": "fixed_small_log"},
            {"beta_schedule": "sigmoid", "beta_start": 0.0001, "beta_end": 0.02},
            {"thresholding": True, "sample_max_value": 1.5},
            ZERO_SNR,
        )
        + [Case(UNCLIPPED, None, {"timesteps": [950, 600, 210, 40]})],
    ),
    "pndm": (
        "PNDMScheduler",
        _grid({**STABLE, "skip_prk_steps": True}, NOISE, (1, 2, 7))
        + _each(STABLE, {}, {"set_alpha_to_one": True, "prediction_type": "v_prediction"}),
    ),
    "euler": (
        "EulerDiscreteScheduler",
        _grid(STABLE, ALL, (1, 7))
        + _each(
            STABLE,
            {"use_karras_sigmas": True, "sigma_min": 0.1, "sigma_max": 10.0},
            {"use_exponential_sigmas": True},
            {"interpolation_type": "log_linear"},
            {"final_sigmas_type": "sigma_min"},
            {"timestep_type": "continuous", "prediction_type": "v_prediction"},
        )
        # A first noise level of 4096, whose rounding is seen in images of about 1.
        + _each(STABLE, ZERO_SNR, tolerance=1e-3)
        + [
            Case(STABLE, 9, options=CHURN),
            Case(STABLE, None, {"timesteps": [950, 600, 210, 40]}),
            Case(STABLE, None, {"sigmas": [12.0, 5.0, 1.5, 0.2, 0.0]}),
        ],
    ),
    "euler_ancestral": (
        "EulerAncestralDiscreteScheduler",
        _grid(STABLE, NOISE, (1, 7))
        + _each(STABLE, ZERO_SNR, tolerance=1e-3)
        + [Case({**STABLE, "prediction_type": "sample"}, 4)],
    ),
    "heun": (
        "HeunDiscreteScheduler",
        _grid(STABLE, ALL, (1, 7))
        + _each(
            STABLE,
            {"use_karras_sigmas": True},
            {"use_exponential_sigmas": True},
            {"clip_sample": True, "clip_sample_range": 2.0},
        ),
    ),
    "dpm_solver": (
        "DPMSolverMultistepScheduler",
        _grid(STABLE, ALL, (1, 7, 17))
        + _each(
            STABLE,
            {"use_karras_sigmas": True},
            {"algorithm_type": "sde-dpmsolver++"},
            {"algorithm_type": "sde-dpmsolver++", "solver_type": "heun", "use_karras_sigmas": True},
            {"algorithm_type": "dpmsolver", "final_sigmas_type": "sigma_min"},
            {"algorithm_type": "sde-dpmsolver", "final_sigmas_type": "sigma_min"},
            {"algorithm_type": "dpmsolver"},
            {"solver_order": 1},
            {"solver_order": 3, "lower_order_final": False},
            {"solver_order": 3, "algorithm_type": "sde-dpmsolver++", "final_sigmas_type": "sigma_min"},
            {"solver_type": "heun", "euler_at_final": True},
            {"use_lu_lambdas": True},
            {"thresholding": True, "sample_max_value": 1.5},
            {"lambda_min_clipped": -4.5},
            ZERO_SNR,
            steps=(4, 16),
        )
        + [Case(STABLE, None, {"timesteps": [950, 600, 210, 40]})],
    ),
    "unipc": (
        "UniPCMultistepScheduler",
        _grid(STABLE, ALL, (1, 7))
        + _each(
            STABLE,
            {"use_karras_sigmas": True},
            {"solver_order": 3},
            {"solver_order": 4, "final_sigmas_type": "sigma_min", "lower_order_final": False},
            {"solver_type": "bh1", "final_sigmas_type": "sigma_min"},
            {"predict_x0": False, "final_sigmas_type": "sigma_min"},
            {"disable_corrector": [0, 2]},
            {"thresholding": True, "sample_max_value": 1.5},
        ),
    ),
    "lcm": (
        "LCMScheduler",
        _grid(STABLE, ALL, (1, 4))
        + _each({}, {"original_inference_steps": 100}, {"clip_sample": True, "timestep_scaling": 5.0}, steps=(3, 8))
        + [Case({}, None, {"timesteps": [950, 600, 210, 40]})],
    ),
    "flow_match_euler": (
        "FlowMatchEulerDiscreteScheduler",
        _each(
            {"shift": 3.0},
            {},
            {"use_karras_sigmas": True},
            {"use_exponential_sigmas": True},
            {"invert_sigmas": True},
            {"shift_terminal": 0.1},
            {"stochastic_sampling": True},
        )
        + [
            Case({"use_dynamic_shifting": True}, 5, {"mu": 0.9}),
            Case({"use_dynamic_shifting": True, "time_shift_type": "linear"}, 5, {"mu": 1.2}),
            Case({"use_dynamic_shifting": True}, 5),
            Case({"shift": 2.5}, None, {"sigmas": [1.0, 0.7, 0.3]}),
        ],
    ),
}
