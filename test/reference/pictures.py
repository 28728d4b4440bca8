"""Pictures by diffusers: `python test/reference/pictures.py JOB`, for `npm run parity`.

JOB is a JSON file: `settings` and `requests` as scripts/parity/diffusers-pictures.ts writes them, `dtype`, and `out`, the
safetensors file to write, with two tensors a request: `0.pixels`, `[height, width, 3] uint8`, and `0.latent`.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers.utils import load_image
from diffusers.utils.torch_utils import randn_tensor
from safetensors.torch import save_file

# Only what goes wrong: a prompt that is cut, or a package that could be faster, is none of that.
for library in (diffusers, transformers):
    library.utils.logging.set_verbosity_error()
    library.utils.logging.disable_progress_bar()


@torch.no_grad()
def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    settings, requests, dtype = job["settings"], job["requests"], job["dtype"]
    start = settings["start"]
    kind = diffusers.AutoPipelineForImage2Image if start else diffusers.AutoPipelineForText2Image
    pipe = kind.from_pretrained(
        settings["folder"],
        dtype=getattr(torch, dtype),
        safety_checker=None,
        local_files_only=True,
        low_cpu_mem_usage=False,
    )
    pipe.set_progress_bar_config(disable=True)
    if dtype == "float64":
        _draw_in_float32()
    own = pipe.scheduler.config
    if start:
        image = pipe.image_processor.resize(load_image(start["file"]), settings["height"], settings["width"])
        options = {"image": image, "strength": start["strength"]}
    else:
        options = {"width": settings["width"], "height": settings["height"]}
    tensors: dict[str, torch.Tensor] = {}
    progress = Progress(f"diffusers in {dtype}", len(requests))
    for number, request in enumerate(requests):
        scheduler = request["scheduler"]
        pipe.scheduler = getattr(diffusers, scheduler["class"]).from_config(own, **scheduler["options"])
        latents: list[torch.Tensor] = []

        def keep(_: Any, step: int, t: Any, made: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
            latents[:] = [made["latents"]]
            return {}

        image = pipe(
            prompt=request["prompt"],
            negative_prompt=request["negativePrompt"],
            generator=torch.Generator("cpu").manual_seed(request["seed"]),
            num_inference_steps=settings["steps"],
            guidance_scale=settings["guidanceScale"],
            output_type="np",
            callback_on_step_end=keep,
            **options,
        ).images[0]
        tensors[f"{number}.pixels"] = torch.from_numpy((image * 255).round().astype("uint8")).contiguous()
        tensors[f"{number}.latent"] = latents[0].contiguous().clone()
        progress.step()
    save_file(tensors, job["out"])


def _draw_in_float32() -> None:
    """Double precision of the same picture: PyTorch's noise in float64 is not that of float32 with more digits."""

    def draw(shape: Any, generator: Any = None, device: Any = None, dtype: Any = None, layout: Any = None) -> torch.Tensor:
        noise = randn_tensor(shape, generator=generator, device=device, dtype=torch.float32, layout=layout)
        return noise.to(dtype or torch.float32)

    for module in list(sys.modules.values()):
        if getattr(module, "randn_tensor", None) is randn_tensor:
            module.randn_tensor = draw


class Progress:
    """A line that says how far the work is: over itself on a terminal, elsewhere one now and then."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total, self.done = what, total, 0
        self.began = time.monotonic()
        self.shown = float("-inf")

    def step(self) -> None:
        self.done += 1
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        if self.done < self.total and now - self.shown < (0.2 if terminal else 20):
            return
        self.shown = now
        each = (now - self.began) / self.done
        filled = 20 * self.done // self.total
        left = (self.total - self.done) * each / 60
        bar = "█" * filled + "░" * (20 - filled)
        line = f"{self.what} {bar} {self.done}/{self.total}, {each:.1f} s each, {left:.1f} min left"
        end = "\n" if not terminal or self.done == self.total else ""
        print(f"\r\x1b[K{line}" if terminal else line, end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
