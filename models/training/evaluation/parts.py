"""The parts of the evaluation: what each needs to have made, and the rows that it measures.

A part more is a function more, and a line in PARTS.
"""

import json
from collections.abc import Callable
from functools import lru_cache

import torch
from diffusers import UNet2DConditionModel
from safetensors import safe_open
from torch.utils.flop_counter import FlopCounterMode

from configuration import Places
from stages import load_autoencoder

from . import autoencoding, background, best_of, detail, discriminator_rows, embedding_rows, naming, rows
from .job import Made, Needs
from .judge import trust
from .judge.verdict import Judge
from .rows import Row


@lru_cache(maxsize=1)
def _judge() -> Judge:
    return Judge()


def _thing_ids(made: Made) -> list[int]:
    return [each.scene.things[0].thing_id for each in made.asked("singles")]


def _singles(made: Made) -> list[Row]:
    return naming.singles(made, _judge())


def _pairs(made: Made) -> list[Row]:
    return naming.pairs(made, _judge())


def _detail(made: Made) -> list[Row]:
    found = detail.compare(made.pictures("singles"), _thing_ids(made))
    own = [each.own for each in found]
    return [
        rows.share("the same, by detail alone: it comes first", sum(d.first for d in found), len(found), at_least=0.90),
        rows.quantile("median detail of single things", own, 0.5, at_least=0.55),
        rows.quantile("5th percentile of their detail", own, 0.05, at_least=0.35),
    ]


def _background(made: Made) -> list[Row]:
    pairs = zip(made.asked("singles"), made.pictures("singles"), strict=True)
    right = [background.is_on(picture, asked.scene.background) for asked, picture in pairs]
    return [rows.share("its background is the colour asked for", sum(right), len(right), at_least=0.98)]


def _reconstructions(made: Made) -> list[Row]:
    single = [(asked, picture) for asked, picture in made.reconstructions if asked.scene.relation is None]
    found = detail.details([picture for _, picture in single], [asked.scene.things[0].thing_id for asked, _ in single])
    return [
        rows.quantile("median detail of reconstructions of single things", found, 0.5, at_least=0.80),
        *naming.reconstructions(made, _judge()),
    ]


def _size(made: Made) -> list[Row]:
    """What the folder weighs, all of it F16 but for the preview's few kilobytes, and what the UNet computes for a sample and step."""
    files = sorted(made.checkpoint.rglob("*.safetensors"))
    for file in files:
        with safe_open(file, framework="pt") as tensors:
            allowed = {"F32"} if file.parent.name == "preview" else {"F16"}
            other = {tensors.get_slice(name).get_dtype() for name in tensors.keys()} - allowed
            if other:
                raise ValueError(f"{file.relative_to(made.checkpoint)} holds {', '.join(sorted(other))}: expected {allowed} alone")
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    config = json.loads((made.checkpoint / "unet" / "config.json").read_text(encoding="utf-8"))
    return [
        rows.amount("UNet, a sample and step", _operations(config) / 1e9, "GFLOP", 2, at_most=3.5),
        rows.amount("all weights, F16", megabytes, "MB", 1, at_most=48),
    ]


def _operations(config: dict) -> int:
    """Floating-point operations of one forward pass: two for every multiplication and addition."""
    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(config)
        sample = torch.empty(1, config["in_channels"], config["sample_size"], config["sample_size"])
        text = torch.empty(1, 32, config["cross_attention_dim"])
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            unet(sample, torch.empty(1), text)
    return counter.get_total_flops()


def _speed(made: Made) -> list[Row]:
    seconds, machine = made.results["seconds"], made.results["machine"]
    where = f"{machine['cores']} cores of {machine['processor'].strip()}, load {machine['load']:.1f}"
    middle = sorted(seconds)[len(seconds) // 2]
    return [
        rows.amount(
            "one picture, 20 steps with guidance, warm: median time", middle, "s", 2, at_most=2, count=len(seconds),
            beside=f" ({min(seconds):.2f} to {max(seconds):.2f}; {where})",
        )
    ]  # fmt: skip


def _trust(made: Made) -> list[Row]:
    judge, (model, _) = _judge(), load_autoencoder(Places(shipped=made.checkpoint))
    many, count = (1000, 300) if made.count is None else (made.count, made.count)
    looks, all_looks = trust.unseen_looks(judge)
    return [
        rows.share("the judge names true renderings", trust.renderings(judge, many), many, at_least=0.99),
        rows.share("digits and garments in looks that it never saw", looks, all_looks),
        rows.share("the judge lets strong blurs pass", trust.blurred(judge, many), many, at_most=0.02),
        rows.share("half-and-half hybrids", trust.hybrids(judge, many), many, at_most=0.02),
        rows.share("bad reconstructions", trust.bad_reconstructions(judge, model, count), count, at_most=0.02),
    ]


_PICTURES = Needs(pictures=("singles",))

PARTS: dict[str, tuple[Needs, Callable[[Made], list[Row]]]] = {
    "singles": (_PICTURES, _singles),
    "detail": (_PICTURES, _detail),
    "background": (_PICTURES, _background),
    "pairs": (Needs(pictures=("seen", "unseen")), _pairs),
    "reconstructions": (Needs(reconstructions=True), _reconstructions),
    "autoencoder": (Needs(reconstructions=True), autoencoding.measure),
    "embedder": (Needs(), embedding_rows.measure),
    "discriminator": (Needs(pictures=("singles", "seen", "unseen")), lambda made: discriminator_rows.measure(made, _judge())),
    "best-of": (Needs(pictures=("best",)), lambda made: best_of.measure(made, _judge())),
    "speed": (Needs(times=True), _speed),
    "size": (Needs(), _size),
    "judge": (Needs(), _trust),
}
BY_DISCRIMINATOR = ("discriminator", "best-of")  # figures that another discriminator makes void
NEEDS = {**{name: needs for name, (needs, _) in PARTS.items()}, "sheet": Needs(pictures=("sheet",))}
