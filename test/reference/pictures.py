"""Pictures by diffusers: `python test/reference/pictures.py JOB`, for `npm run parity`.

JOB is a JSON file: `settings` and `requests` as in scripts/parity/request.ts, and `out`, the safetensors file to write,
with one tensor `[height, width, 3] uint8` a request, by its number.
"""

import json
import sys
from pathlib import Path

import diffusers
import torch
import transformers
from diffusers.utils import load_image
from safetensors.torch import save_file

# Only what goes wrong: a prompt that is cut, or a package that could be faster, is none of that.
for library in (diffusers, transformers):
    library.utils.logging.set_verbosity_error()
    library.utils.logging.disable_progress_bar()


@torch.no_grad()
def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    settings = job["settings"]
    start = settings["start"]
    kind = diffusers.StableDiffusionImg2ImgPipeline if start else diffusers.StableDiffusionPipeline
    pipe = kind.from_pretrained(
        settings["folder"],
        dtype=torch.float32,
        safety_checker=None,
        local_files_only=True,
        low_cpu_mem_usage=False,
    )
    pipe.scheduler = getattr(diffusers, settings["scheduler"]).from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    if start:
        image = pipe.image_processor.resize(load_image(start["file"]), settings["height"], settings["width"])
        options = {"image": image, "strength": start["strength"]}
    else:
        options = {"width": settings["width"], "height": settings["height"]}
    pictures = {}
    for number, request in enumerate(job["requests"]):
        print(f"\rdiffusers: picture {number + 1} of {len(job['requests'])} ", end="", file=sys.stderr, flush=True)
        image = pipe(
            prompt=request["prompt"],
            negative_prompt=request["negativePrompt"],
            generator=torch.Generator("cpu").manual_seed(request["seed"]),
            num_inference_steps=settings["steps"],
            guidance_scale=settings["guidanceScale"],
            output_type="np",
            **options,
        ).images[0]
        pictures[str(number)] = torch.from_numpy((image * 255).round().astype("uint8")).contiguous()
    print(file=sys.stderr)
    save_file(pictures, job["out"])


if __name__ == "__main__":
    main()
