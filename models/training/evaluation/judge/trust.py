"""How far is the judge to be trusted? Its verdicts on draws that it never saw: true renderings, and what is no picture."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from diffusers import AutoencoderKL

from world import scenes
from world.fonts import HELD_OUT_DIGIT_FONTS
from world.garments import HELD_OUT_VARIANTS
from world.scenes import Scene
from world.sprites import variant_count
from world.things import all_things

from . import reconstructions, specimens
from .verdict import Judge, Verdict

_FIRST = 5_000_000  # scenes of the evaluation's seed from here on
_PAIR_SHARE = 0.4


def _scene(index: int) -> tuple[Scene, int, np.random.Generator]:
    """A scene, which of its things is meant, and the random numbers of what is done to it."""
    random = scenes.scene_random(scenes.EVALUATION_SEED, _FIRST + index)
    scene = scenes.describe(random, _PAIR_SHARE)
    return scene, int(random.integers(len(scene.things))), random


def _ask(judge: Judge, drawn: list[tuple[Scene, int, np.ndarray]]) -> list[tuple[int, Verdict]]:
    """(the thing meant, the verdict on it) of pictures."""
    verdicts = judge.pictures([picture for _, _, picture in drawn], [scene.relation for scene, _, _ in drawn])
    return [(scene.things[place].thing_id, found[place]) for (scene, place, _), found in zip(drawn, verdicts, strict=True)]


def renderings(judge: Judge, count: int) -> int:
    """Of `count` true renderings, how many the judge names."""
    drawn = [(scene, place, scenes.render(scene)[0]) for scene, place, _ in (_scene(i) for i in range(count))]
    return sum(verdict.thing == thing for thing, verdict in _ask(judge, drawn))


def unseen_looks(judge: Judge) -> tuple[int, int]:
    """Of digits in the fonts and garments in the variants that nothing is trained on: how many the judge names, and of how many."""
    held_out = {"digit": len(HELD_OUT_DIGIT_FONTS), "garment": HELD_OUT_VARIANTS}
    drawn = []
    for thing_id, thing in enumerate(all_things()):
        for look in range(held_out.get(thing.kind, 0)):
            random = scenes.scene_random(scenes.EVALUATION_SEED, _FIRST + 1_000_000 + 100 * thing_id + look)
            scene = scenes.single(random, thing_id, "white" if look % 2 else "blue", 0.2)
            placed = replace(scene.things[0], variant=variant_count(thing_id) + look)
            scene = replace(scene, things=(placed,))
            drawn.append((scene, 0, scenes.render(scene)[0]))
    return sum(verdict.thing == thing for thing, verdict in _ask(judge, drawn)), len(drawn)


Spoil = Callable[[Scene, int, np.random.Generator], np.ndarray]


def _passed(judge: Judge, spoil: Spoil, first: int, count: int) -> int:
    drawn = [(scene, place, spoil(scene, place, random)) for scene, place, random in (_scene(first + i) for i in range(count))]
    return sum(verdict.thing is not None for _, verdict in _ask(judge, drawn))


def blurred(judge: Judge, count: int) -> int:
    """Of blurs so strong that little is left, how many the judge takes for a thing."""
    return _passed(judge, specimens.blurred, 100_000, count)


def hybrids(judge: Judge, count: int) -> int:
    """Of pictures that are half one thing and half another, how many the judge takes for a thing."""
    return _passed(judge, specimens.hybrid, 200_000, count)


def bad_reconstructions(judge: Judge, model: AutoencoderKL, count: int) -> int:
    """Of what the decoder makes of spoilt latents, how many the judge takes for a thing."""
    drawn: list[tuple[Scene, int, np.ndarray]] = []
    for first in range(0, count, 8):
        chosen = [_scene(300_000 + first + i) for i in range(min(8, count - first))]
        latents, masks = reconstructions.encode(model, [scene for scene, _, _ in chosen])
        generator = torch.Generator().manual_seed(_FIRST + first)
        spoilt = reconstructions.decode(model, reconstructions.bad(latents, masks, generator))
        drawn += [(scene, place, picture) for (scene, place, _), picture in zip(chosen, spoilt, strict=True)]
    return sum(verdict.thing is not None for _, verdict in _ask(judge, drawn))
