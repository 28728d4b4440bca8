"""What the embedder learns from: latents, captions, and which captions are true of which scenes."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from embedding.groups import MEMBERS, GroupStore
from latents import LatentStore
from text_encoder import COLOURS, RELATIONS, SIZES, tokenise
from world import captions, scenes
from world.scenes import Scene
from world.things import all_things

UNSAID = -1
_NOTHING = len(all_things())


@dataclass(frozen=True)
class Batch:
    """`latents`: scaled, [n, channels, h, w]. `hidden`: [n, positions, width]. `other`: bool [texts, scenes], the caption
    is true of a scene that it was not made for. `facts`: int64 [2, n, 6], of scenes and of captions."""

    latents: Tensor
    hidden: Tensor
    other: Tensor
    facts: Tensor


def scene_facts(scene: Scene) -> list[int]:
    """[first thing, second thing, first size, second size, background, relation] as class numbers."""
    things = [placed.thing_id for placed in scene.things]
    sizes = [SIZES.index(placed.size_name) for placed in scene.things]
    missing = 2 - len(things)
    return [
        *things, *[_NOTHING] * missing, *sizes, *[len(SIZES)] * missing,
        COLOURS.index(scene.background), RELATIONS.index(scene.relation),
    ]  # fmt: skip


def label(scene: Scene, random: np.random.Generator) -> str:
    """A single thing's bare name, as a classifier's labels are."""
    thing = all_things()[scene.things[0].thing_id]
    names = (thing.name, *thing.synonyms)
    return names[0] if random.random() < 0.7 else names[int(random.integers(len(names)))]


def describe(scene: Scene, random: np.random.Generator, label_share: float) -> tuple[str, list[int]]:
    """A caption, and the facts it tells: `UNSAID` where it says nothing."""
    facts = scene_facts(scene)
    if scene.relation is None and random.random() < label_share:
        return label(scene, random), [facts[0], _NOTHING, UNSAID, facts[3], UNSAID, facts[5]]
    text = captions.caption(scene, random)
    if not captions.says_background(scene, text):
        facts[4] = UNSAID
    return text, facts


def true_of(told: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Which told facts [texts, 6] hold for which scenes' [scenes, 6]: bool [texts, scenes]."""
    same = (told[:, None] == seen[None]) | (told[:, None] == UNSAID)
    # A bare name is true of any scene that holds the thing, too.
    bare = (told[:, 2] == UNSAID)[:, None] & ((told[:, :1] == seen[:, 0]) | (told[:, :1] == seen[:, 1]))
    return same.all(2) | bare


def swapped(scene: Scene, latent: np.ndarray) -> tuple[Scene, np.ndarray]:
    """A pair with its sides exchanged, and its latent with its halves exchanged: what each thing looks like is kept."""
    first, second = scene.things
    axis = 2 if scene.relation == "left" else 1
    return replace(scene, things=(second, first)), np.roll(latent, latent.shape[axis] // 2, axis)


class Batches:
    """Batches of stored latents with fresh captions, a function of the cursor alone.

    A quarter are pairs of the batch with their sides exchanged; of the others, `group_share` are whole groups of four
    that differ in sides, background or size, and `primer_share` come from the primer.
    """

    def __init__(
        self, stores: tuple[LatentStore, LatentStore, GroupStore], sizes: tuple[int, int, int], text_encoder: CLIPTextModel,
        tokenizer: CLIPTokenizer, config: dict[str, Any], scaling: float,
    ):  # fmt: skip
        self.stores, self.sizes = stores, sizes
        self.text_encoder, self.tokenizer = text_encoder.eval().requires_grad_(False), tokenizer
        self.config, self.scaling = config, scaling
        self._scene = lru_cache(maxsize=None)(lambda store, index: stores[store].scene(index))

    @cached_property
    def latents(self) -> list[np.ndarray]:
        """Float16 [scenes, channels, h/8, w/8] of each store; read at the first batch only."""
        return [store.load(size) for store, size in zip(self.stores, self.sizes, strict=True)]

    def __call__(self, cursor: int, count: int) -> Batch:
        random = scenes.scene_random(self.config["seed"], cursor)
        drawn = [self._at(store, index) for store, index in self._places(random, count - count // 4)]
        pairs = [i for i, (scene, _) in enumerate(drawn) if scene.relation]
        chosen = random.permutation(len(pairs))[: count // 4].tolist()
        drawn += [swapped(*drawn[pairs[i]]) for i in chosen]
        told = [describe(scene, random, self.config["label_share"]) for scene, _ in drawn]
        seen_facts = np.array([scene_facts(scene) for scene, _ in drawn])
        told_facts = np.array([facts for _, facts in told])
        other = true_of(told_facts, seen_facts)
        np.fill_diagonal(other, False)
        return Batch(
            torch.from_numpy(np.stack([latent for _, latent in drawn])).float() * self.scaling,
            self.encode_texts([text for text, _ in told]),
            torch.from_numpy(other),
            torch.from_numpy(np.stack([seen_facts, told_facts])),
        )

    def encode_texts(self, texts: list[str]) -> Tensor:
        """Last hidden states [batch, positions, width]."""
        with torch.no_grad():
            return self.text_encoder(tokenise(self.tokenizer, texts)).last_hidden_state

    def _places(self, random: np.random.Generator, count: int) -> list[tuple[int, int]]:
        """(store, index) of `count` scenes."""
        scene_count, primer_count, group_count = self.sizes
        groups = int(count * self.config["group_share"]) // MEMBERS
        primer = int(count * self.config["primer_share"])
        first = random.choice(group_count // MEMBERS, groups, replace=False) * MEMBERS
        return [
            *[(2, int(i) + member) for i in first for member in range(MEMBERS)],
            *[(1, int(i)) for i in random.choice(primer_count, primer, replace=False)],
            *[(0, int(i)) for i in random.choice(scene_count, count - primer - groups * MEMBERS, replace=False)],
        ]

    def _at(self, store: int, index: int) -> tuple[Scene, np.ndarray]:
        return self._scene(store, index), self.latents[store][index]
