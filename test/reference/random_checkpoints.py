"""Tiny checkpoints of random configs, saved in random ways, and runs of them with random arguments."""

import inspect
import json
import random
import shutil
import sys
from collections.abc import Callable
from math import gcd
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import (
    AutoencoderKL,
    DiffusionPipeline,
    EulerDiscreteScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

import components
import image_to_image
import pipelines
import random_configs
from random_schedulers import KINDS
from tiny_checkpoint import randomise, write_tokenizer

PROMPTS = ["a red fox under the moon", "two cats!", "", "a very big yellow moon over the sea, highly detailed 4k photo"]
# What may be asked of a checkpoint's own betas, without a new scheduler altogether.
KEPT = ("num_train_timesteps", "trained_betas", "prediction_type", "use_flow_sigmas", "skip_prk_steps")
DTYPES = {"": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
# What diffusers, PyTorch and this script say of a config that cannot be run.
REFUSALS = (AttributeError, IndexError, NotImplementedError, RuntimeError, TypeError, ValueError)


@torch.no_grad()
def make(root: Path, seed: int, count: int) -> None:
    """`count` checkpoints with all that is compared of them, and as many parts that are to be refused."""
    dice = random.Random(seed)
    made = 0
    while made < count:
        torch.manual_seed(dice.randrange(2**32))
        try:
            _whole(dice, root, f"r{made}")
            made += 1
        except REFUSALS as error:
            print(f"r{made} drawn again: {str(error).strip().splitlines()[0]}", file=sys.stderr)
            for folder in ("checkpoints", "components", "pipelines", "img2img"):
                shutil.rmtree(root / folder / f"r{made}", ignore_errors=True)
    for number in range(count):
        torch.manual_seed(dice.randrange(2**32))
        _foreign(dice, root, f"f{number}")


def _whole(dice: random.Random, root: Path, name: str) -> None:
    checkpoint = f"checkpoints/{name}"
    pipe = _checkpoint(dice, root / checkpoint)
    components.make(root, checkpoint, pipe)
    scale = pipe.vae_scale_factor
    runs = [_steady(pipe, lambda name=f"t{i}": _text_run(dice, pipe, name)) for i in range(4)]
    pipelines.make(root, checkpoint, pipe, runs, 8 * scale)
    sides = (scale * dice.randint(7, 11), scale * dice.randint(7, 11))
    if _is_xl(pipe):
        zeros = pipe.config.force_zeros_for_empty_prompt
        options = {"force_zeros_for_empty_prompt": zeros, "add_watermarker": False}
        from_image: Any = StableDiffusionXLImg2ImgPipeline(**pipe.components, **options)
    else:
        from_image = StableDiffusionImg2ImgPipeline(**pipe.components, requires_safety_checker=False)
    from_image.set_progress_bar_config(disable=True)
    runs = [_steady(from_image, lambda name=f"i{i}": _image_run(dice, pipe, name), sides) for i in range(4)]
    image_to_image.make(root, checkpoint, from_image, sides, runs)


def _is_xl(pipe: DiffusionPipeline) -> bool:
    return hasattr(pipe, "text_encoder_2")


def _steady(pipe: Any, draw: Callable[[], dict[str, Any]], sides: tuple[int, int] | None = None) -> dict[str, Any]:
    """A run that diffusers does not refuse, and whose end is about the same when the UNet errs by a rounding."""
    own = pipe.scheduler
    for _ in range(20):
        run = draw()
        try:
            ends = [_end(pipe, run, sides, own.config, error) for error in (0, 2**-22)]
        except REFUSALS:
            continue
        finally:
            pipe.scheduler = own
        scale = max(1.0, float(ends[0].abs().max()))
        if float((ends[0] - ends[1]).abs().max()) / scale < 1e-5:
            return run
    raise RuntimeError("every run of it comes out otherwise for a rounding")


def _end(pipe: Any, run: dict[str, Any], sides: tuple[int, int] | None, config: Any, error: float) -> torch.Tensor:
    """The last latents, with the UNet's results off by `error`."""
    pipe.scheduler = getattr(diffusers, run["scheduler"]).from_config(config, **run["scheduler_overrides"])
    step = pipe.scheduler.step
    shaking = torch.Generator("cpu").manual_seed(0)

    def shaken(output: torch.Tensor, t: Any, x: torch.Tensor, **options: Any) -> Any:
        return step(output * (1 + error * torch.randn(output.shape, generator=shaking)), t, x, **options)

    shaken.__signature__ = inspect.signature(step)
    pipe.scheduler.step = shaken
    if sides:
        place = {"image": torch.full([1, 3, *sides], 0.3), "strength": run["strength"]}
        if run["source"] == "latent":
            place["image"] = torch.full([1, 4, 8, 8], 0.3)
    else:
        place = {"height": run["height"], "width": run["width"]}
    return pipe(
        prompt=run["prompt"],
        negative_prompt=run["negative_prompt"],
        guidance_scale=run["guidance_scale"],
        num_inference_steps=run["num_inference_steps"],
        generator=pipelines.generators(run["seed"]),
        output_type="latent",
        **place,
        **run["extra_call_args"],
    ).images


def _checkpoint(dice: random.Random, folder: Path) -> DiffusionPipeline:
    xl = dice.random() < 0.5
    names = ["tokenizer", "tokenizer_2"] if xl else ["tokenizer"]
    channels = dice.choice([1, 3, 4, 4, 4, 6, 16])
    length = dice.choice([24, 12, 20])
    sizes = [write_tokenizer(folder / name, dice.choice(["!", "<|endoftext|>"]), length) for name in names]
    tokenizers = [CLIPTokenizer.from_pretrained(folder / name) for name in names]
    texts = [random_configs.text_encoder(dice, size, size - 1) for size in sizes]
    classes = [CLIPTextModel, CLIPTextModelWithProjection] if xl else [CLIPTextModel]
    encoders = [kind(CLIPTextConfig(**config)) for kind, config in zip(classes, texts)]
    context = sum(config["hidden_size"] for config in texts)
    pooled = texts[-1]["projection_dim"] if xl else None
    unet = UNet2DConditionModel(**random_configs.unet(dice, channels, context, pooled))
    vae = AutoencoderKL(**random_configs.vae(dice, channels))
    for model in (*encoders, unet, vae):
        randomise(model)
    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule=dice.choice(["scaled_linear", "linear"]),
        prediction_type=dice.choice(["epsilon", "v_prediction"]),
        timestep_spacing=dice.choice(["leading", "trailing", "linspace"]),
        steps_offset=1,
    )
    parts = dict(zip(["text_encoder", "text_encoder_2"], encoders)) | dict(zip(names, tokenizers))
    shared = {**parts, "unet": unet, "vae": vae, "scheduler": scheduler}
    if xl:
        zeros = dice.random() < 0.5
        pipe = StableDiffusionXLPipeline(**shared, force_zeros_for_empty_prompt=zeros, add_watermarker=False)
    else:
        pipe = StableDiffusionPipeline(
            **shared, safety_checker=None, feature_extractor=None, requires_safety_checker=False
        )
    pipe.set_progress_bar_config(disable=True)
    _save(dice, pipe, folder, names)
    for encoder in encoders:
        # diffusers' clip_skip asks for `text_model`, which transformers 5 merged into the encoder. Past torch's own
        # registration: a module cannot be its own child.
        if not hasattr(encoder, "text_model"):
            object.__setattr__(encoder, "text_model", encoder)
    return pipe


def _save(dice: random.Random, pipe: DiffusionPipeline, folder: Path, tokenizers: list[str]) -> None:
    """In one of the ways that such folders are published, with weights as precise as they are written."""
    written = {path: path.read_bytes() for name in tokenizers for path in (folder / name).iterdir()}
    variant = dice.choice(["", "", "fp16", "bf16"])
    for name in ("unet", "vae", "text_encoder", "text_encoder_2"):
        if model := getattr(pipe, name, None):
            for parameter in model.parameters():
                parameter.copy_(parameter.to(DTYPES[variant]).float())
    shards = {"max_shard_size": "30KB"} if dice.random() < 0.3 else {}
    pipe.save_pretrained(folder, **({"variant": variant} if variant else {}), **shards)
    for path in folder.glob("*/*.safetensors"):
        save_file({key: value.to(DTYPES[variant]) for key, value in load_file(path).items()}, path)
    if dice.random() < 0.5:
        _forget_defaults(dice, pipe, folder)
    # The files that every version of transformers reads, and only those.
    for name in tokenizers:
        for path in (folder / name).iterdir():
            path.unlink()
    for path, contents in written.items():
        path.write_bytes(contents)


def _forget_defaults(dice: random.Random, pipe: DiffusionPipeline, folder: Path) -> None:
    """Folders made by older versions do not say what has its default."""
    for name, model in (("unet", pipe.unet), ("vae", pipe.vae)):
        path = folder / name / "config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        options = inspect.signature(type(model).__init__).parameters
        plain = {key: option.default for key, option in options.items()}
        kept = {
            key: value
            for key, value in config.items()
            if key.startswith("_") or key not in plain or _plain(plain[key]) != value or dice.random() < 0.2
        }
        path.write_text(json.dumps(kept), encoding="utf-8")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _call(dice: random.Random, pipe: DiffusionPipeline, name: str) -> dict[str, Any]:
    """What any of the pipelines takes."""
    batch = dice.choice([1, 1, 2])
    each = dice.choice([1, 1, 1, 2, 3])
    texts = dice.sample(PROMPTS, batch)
    listed = batch > 1 or dice.random() < 0.2
    negatives: Any = dice.choice([None, dice.sample(PROMPTS, batch)])
    extra: dict[str, Any] = {}
    if each > 1:
        extra["num_images_per_prompt"] = each
    if dice.random() < 0.3:
        extra["clip_skip"] = dice.choice([0, 1])
    if dice.random() < 0.3:
        extra["eta"] = dice.choice([0.3, 1.0])
    if _is_xl(pipe):
        extra |= _xl_arguments(dice, batch if listed else None)
    seeds = [str(dice.randrange(2**33)) for _ in range(batch * each)]
    scheduler = dice.choice([name for name in KINDS if not name.startswith("FlowMatch")])
    options = {key: values for key, values in KINDS[scheduler].config.items() if key not in KEPT}
    return {
        "id": name,
        "prompt": texts if listed else texts[0],
        "negative_prompt": negatives if listed or negatives is None else negatives[0],
        "guidance_scale": dice.choice([1.0, 3.0, 7.5]),
        "num_inference_steps": dice.randint(4, 7),
        "seed": seeds if dice.random() < 0.4 else seeds[0],
        "scheduler": scheduler,
        "scheduler_overrides": _overrides(dice, scheduler, options),
        "extra_call_args": extra,
    }


def _overrides(dice: random.Random, scheduler: str, options: dict[str, list[Any]]) -> dict[str, Any]:
    chosen = {key: dice.choice(values) for key, values in options.items() if dice.random() < 0.15}
    spaced = [key for key in chosen if key.startswith("use_") and key.endswith("_sigmas") and chosen[key]]
    for key in spaced[1:]:
        del chosen[key]
    if scheduler == "PNDMScheduler":
        chosen["skip_prk_steps"] = True
    if str(chosen.get("algorithm_type", "")).endswith("dpmsolver"):
        chosen["final_sigmas_type"] = "sigma_min"
    return chosen


def _xl_arguments(dice: random.Random, batch: int | None) -> dict[str, Any]:
    """`batch`: how many prompts there are, where they are a list."""
    pairs = {
        name: (dice.randrange(0, 128), dice.randrange(0, 128))
        for name in (
            "original_size",
            "crops_coords_top_left",
            "target_size",
            "negative_original_size",
            "negative_crops_coords_top_left",
            "negative_target_size",
        )
        if dice.random() < 0.3
    }
    texts: dict[str, Any] = {"prompt_2": dice.choice(PROMPTS), "negative_prompt_2": dice.choice(PROMPTS)}
    if batch:
        texts = {name: [text] * batch for name, text in texts.items()}
    chosen = {name: text for name, text in texts.items() if dice.random() < 0.3}
    rescale = {"guidance_rescale": 0.7} if dice.random() < 0.3 else {}
    return {**pairs, **chosen, **rescale}


def _text_run(dice: random.Random, pipe: DiffusionPipeline, name: str) -> dict[str, Any]:
    run = _call(dice, pipe, name)
    scale = pipe.vae_scale_factor
    # diffusers wants multiples of 8, whatever the scale.
    step = scale * 8 // gcd(scale, 8)
    if dice.random() < 0.3:
        run["extra_call_args"]["guidance_rescale"] = 0.5
    least = -(-7 * scale // step)
    return {**run, "height": step * dice.randint(least, least + 4), "width": step * dice.randint(least, least + 4)}


def _image_run(dice: random.Random, pipe: DiffusionPipeline, name: str) -> dict[str, Any]:
    sources = ["image", "latent"] if pipe.vae.config.latent_channels == 4 else ["image"]
    strength = dice.choice([0.3, 0.55, 0.7, 1.0])
    return {**_call(dice, pipe, name), "source": dice.choice(sources), "strength": strength}


def _foreign(dice: random.Random, root: Path, name: str) -> None:
    """One part of a kind that is none of Stable Diffusion's, with what it computes."""
    kind = dice.choice(["unet", "unet", "vae", "text_encoder"])
    part = f"checkpoints/{name}/{kind}"
    folder = root / "components" / name
    try:
        if kind == "unet":
            config = random_configs.unet(dice, 4, 10, None) | dice.choice(random_configs.FOREIGN_UNETS)
            model: Any = UNet2DConditionModel(**config)
            randomise(model)
            components.unet(folder, part, model)
        elif kind == "vae":
            model = AutoencoderKL(**random_configs.vae(dice, 4) | dice.choice(random_configs.FOREIGN_VAES))
            randomise(model)
            components.vae(folder, part, model)
        else:
            size = write_tokenizer(root / f"checkpoints/{name}/tokenizer", "!", 24)
            tokenizer = CLIPTokenizer.from_pretrained(root / f"checkpoints/{name}/tokenizer")
            config = random_configs.text_encoder(dice, size, size - 1) | dice.choice(random_configs.FOREIGN_TEXT_ENCODERS)
            model = CLIPTextModel(CLIPTextConfig(**config))
            randomise(model)
            object.__setattr__(model, "text_model", getattr(model, "text_model", model))
            components.text_encoder(folder, part, tokenizer, model)
    except REFUSALS:
        # Not every such config makes a model that runs on a text and a timestep alone.
        return
    model.save_pretrained(root / part)
