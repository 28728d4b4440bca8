"""Make a small set of reference numbers with diffusers and transformers, in the layout of test/goldens/README.md.

    python test/reference/make_goldens.py FOLDER

Everything is random weights and made-up cases: what counts is that diffusers and PyTorch computed the numbers.
"""

import sys
from pathlib import Path

import torch
from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionXLImg2ImgPipeline

import components
import image_to_image
import own_parts
import picture_files
import pipelines
import preview_decoder
import random_draws
import resizes
import schedulers
import tiny_checkpoint
import tiny_xl
import tokens

CHECKPOINT = "checkpoints/v-tiny"
XL = "checkpoints/xl-tiny"


def main() -> None:
    root = Path(sys.argv[1])
    # One thread, and the plain attention: the numbers must not depend on the machine more than they have to.
    torch.set_num_threads(1)
    pipe = tiny_checkpoint.make(root / CHECKPOINT)
    tokens.make(root, f"{CHECKPOINT}/tokenizer")
    random_draws.make(root)
    resizes.make(root)
    picture_files.make(root)
    schedulers.make(root)
    components.make(root, CHECKPOINT, pipe)
    pipelines.make(root, CHECKPOINT, pipe, pipelines.RUNS, 64)
    preview_decoder.make(root, CHECKPOINT)
    own_parts.make(root, CHECKPOINT)
    image_to_image.make(
        root,
        CHECKPOINT,
        StableDiffusionImg2ImgPipeline(**pipe.components, requires_safety_checker=False),
        (40, 48),
        [
            {"source": "image", "strength": 0.6, "num_inference_steps": 5},
            {
                "source": "image",
                "strength": 0.8,
                "num_inference_steps": 5,
                "extra_call_args": {"num_images_per_prompt": 2, "eta": 0.5, "clip_skip": 1},
            },
        ],
    )

    pipe = tiny_xl.make(root / XL, root / CHECKPOINT / "tokenizer")
    pipelines.make(root, XL, pipe, pipelines.RUNS_XL, 32)
    image_to_image.make(
        root,
        XL,
        StableDiffusionXLImg2ImgPipeline(**pipe.components, add_watermarker=False),
        (32, 32),
        [
            {
                "scheduler": "EulerAncestralDiscreteScheduler",
                "source": "image",
                "strength": 0.7,
                "num_inference_steps": 4,
            },
            {"scheduler": "HeunDiscreteScheduler", "source": "latent", "strength": 0.5, "num_inference_steps": 5},
            {
                "scheduler": "DPMSolverMultistepScheduler",
                "scheduler_overrides": {"algorithm_type": "sde-dpmsolver++"},
                "source": "image",
                "strength": 0.7,
                "num_inference_steps": 4,
                "prompt": ["a red fox", "two cats!"],
                "negative_prompt": None,
                "seed": ["5", "6"],
                "extra_call_args": {"guidance_rescale": 0.6, "target_size": (48, 32), "negative_original_size": (8, 9)},
            },
        ],
    )


if __name__ == "__main__":
    main()
