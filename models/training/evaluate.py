"""How good is the shipped folder? Generates through diffusers, as an outsider would, and asks the judge."""

import json
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline

from autoencoder import to_pictures, to_tensor
from configuration import Places
from judge import judge
from loop import write_json
from sheet import write_sheet
from world import captions, scenes
from world.things import all_things


def load_pipeline(places: Places) -> StableDiffusionPipeline:
    """The shipped folder as diffusers loads it: F16 weights computed in float32."""
    pipeline = StableDiffusionPipeline.from_pretrained(places.shipped, torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def generate(pipeline: StableDiffusionPipeline, prompts: list[str], seeds: list[int], batch: int = 10) -> list[np.ndarray]:
    """Pictures uint8 [128, 128, 3] with the folder's default steps and guidance, one seed a picture."""
    defaults = json.loads((Path(pipeline.config._name_or_path) / "generation_config.json").read_text(encoding="utf-8"))
    pictures: list[np.ndarray] = []
    for first in range(0, len(prompts), batch):
        part = slice(first, first + batch)
        made = pipeline(
            prompts[part],
            num_inference_steps=defaults["num_inference_steps"],
            guidance_scale=defaults["guidance_scale"],
            height=defaults["height"],
            width=defaults["width"],
            generator=[torch.Generator().manual_seed(seed) for seed in seeds[part]],
            output_type="np",
        )
        pictures += list((made.images * 255).round().astype(np.uint8))
    return pictures


def single_scenes(count: int) -> list[scenes.Scene]:
    """Large single things of the evaluation seed, a different thing each as long as there are any."""
    order = scenes.scene_random(scenes.EVALUATION_SEED, 0).permutation(len(all_things()))
    found: dict[int, scenes.Scene] = {}
    index = 1
    while len(found) < min(count, len(order)):
        scene = scenes.describe(scenes.scene_random(scenes.EVALUATION_SEED, index), pair_share=0.0, small_share=0.0)
        index += 1
        if scene.things[0].thing_id in order[:count]:
            found.setdefault(scene.things[0].thing_id, scene)
    return [found[i] for i in order[:count].tolist()]


def _count(pictures: list[np.ndarray], wanted: list[scenes.Scene], prompts: list[str]) -> dict[str, object]:
    """How many pictures the judge names as wanted, and on the wanted background; prints the others."""
    things = all_things()
    right = backgrounds = 0
    likeness = []
    for picture, scene, text in zip(pictures, wanted, prompts, strict=True):
        verdict = judge(picture)
        name = things[scene.things[0].thing_id].name
        likeness.append(verdict.likeness)
        backgrounds += verdict.background == scene.background and verdict.delta < 12
        if verdict.thing == name:
            right += 1
        else:
            print(f"  {text}: judged {', '.join(verdict.ranking[:3])} ({verdict.likeness:.2f})", flush=True)
    return {
        "pictures": len(pictures),
        "named_right": right,
        "background_right": backgrounds,
        "median_likeness": round(float(np.median(likeness)), 3),
    }


def _decibels(squared_error: np.ndarray) -> float:
    return round(float(10 * np.log10(255**2 / squared_error.mean())), 2)


def evaluate_autoencoder(places: Places, count: int) -> dict[str, object]:
    """PSNR of held-out scenes (dB: mean over pictures), whole, object pixels, and object pixels of two things; and
    whether the judge still names single things."""
    pipeline = load_pipeline(places)
    wanted = single_scenes(count)
    pairs = [scenes.scene(scenes.EVALUATION_SEED, 10_000 + i, 1.0) for i in range(count)]
    figures: dict[str, object] = {}
    for name, group in (("one", wanted), ("two", pairs)):
        drawn = [scenes.render(scene) for scene in group]
        made = []
        for first in range(0, len(group), 10):  # there are no more single scenes than things
            with torch.inference_mode():
                x = to_tensor(np.stack([picture for picture, _ in drawn[first : first + 10]]))
                made += list(to_pictures(pipeline.vae.decode(pipeline.vae.encode(x).latent_dist.mean).sample))
        errors = [(a.astype(np.float64) - b) ** 2 for a, (b, _) in zip(made, drawn, strict=True)]
        figures[f"psnr_whole_{name}"] = round(float(np.mean([_decibels(e) for e in errors])), 2)
        objects = [_decibels(e[mask > 127]) for e, (_, mask) in zip(errors, drawn, strict=True)]
        figures[f"psnr_objects_{name}"] = round(float(np.mean(objects)), 2)
        write_sheet([p for pair in zip([d for d, _ in drawn], made, strict=True) for p in pair][:40],
                    places.work / f"reconstructions-{name}.png", 10)  # fmt: skip
        if name == "one":
            texts = [captions.plain_caption(scene) for scene in group]
            print("judge on renderings:", flush=True)
            figures["renderings"] = _count([picture for picture, _ in drawn], group, texts)
            print("judge on reconstructions:", flush=True)
            figures["reconstructions"] = _count(made, group, texts)
    write_json(places.work / "reconstructions.json", figures)
    print(json.dumps(figures, indent=2))
    return figures


def evaluate_generation(places: Places, count: int) -> dict[str, object]:
    """`count` single things, one fixed seed each, by the judge. The sheet beside the figures is every picture."""
    wanted = single_scenes(count)
    prompts = [captions.plain_caption(scene) for scene in wanted]
    pictures = generate(load_pipeline(places), prompts, [1000 + i for i in range(count)])
    print("judge on generations:", flush=True)
    figures = _count(pictures, wanted, prompts)
    write_sheet(pictures, places.work / "generations.png", 10)
    (places.work / "generations.txt").write_text("\n".join(prompts) + "\n", encoding="utf-8")
    write_json(places.work / "generations.json", figures)
    print(json.dumps(figures, indent=2))
    return figures


def sample_sheet(places: Places) -> list[str]:
    """Write samples.png: the first 24 evaluation scenes that come, 30 % of them pairs, nothing picked."""
    wanted = [scenes.scene(scenes.EVALUATION_SEED, 20_000 + i, 0.3) for i in range(24)]
    prompts = [captions.plain_caption(scene) for scene in wanted]
    pictures = generate(load_pipeline(places), prompts, list(range(24)))
    write_sheet(pictures, places.shipped / "samples.png", 8, scale=0.75)
    return prompts
