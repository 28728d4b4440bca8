"""How well the exported embedder tells scenes apart, on scenes, fonts and variants that training never saw.

Every figure is (right, of how many), and a function of `number`: another number, other scenes.
"""

import json
from dataclasses import dataclass, replace

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

import stages
from autoencoder import to_tensor
from configuration import Places
from embedding.groups import of_kind, pair_group
from embedding.network import Embedder
from embedding.stage import text_encoder_digest, text_encoder_folder
from loop import StateMismatchError
from shipped import load_weights
from text_encoder import tokenise
from world import captions, fonts, garments, scenes
from world.palette import BACKGROUNDS
from world.scenes import Scene
from world.sprites import variant_count
from world.things import all_things

Figure = tuple[int, int]
_GROUP_SEED = 8  # of groups that are only measured with
_FIRST_RANDOM = 30_000  # scenes of the evaluation seed from here on


@dataclass(frozen=True)
class Encoders:
    """The exported autoencoder, text encoder and embedder."""

    autoencoder: AutoencoderKL
    scaling: float
    tokenizer: CLIPTokenizer
    text_encoder: CLIPTextModel
    embedder: Embedder

    def pictures(self, pictures: list[np.ndarray]) -> Tensor:
        """Unit vectors [n, size] of uint8 [128, 128, 3] each."""
        parts = []
        for first in range(0, len(pictures), 20):
            with torch.inference_mode():
                x = to_tensor(np.stack(pictures[first : first + 20]))
                # As they are stored: F16.
                latents = self.autoencoder.encode(x).latent_dist.mean.half().float() * self.scaling
                parts.append(self.embedder.embed_latents(latents))
        return torch.cat(parts)

    def scenes(self, wanted: list[Scene]) -> Tensor:
        return self.pictures([scenes.render(scene)[0] for scene in wanted])

    def texts(self, texts: list[str]) -> Tensor:
        """Unit vectors [n, size]."""
        with torch.inference_mode():
            return self.embedder.embed_texts(self.text_encoder(tokenise(self.tokenizer, texts)).last_hidden_state)


def load_encoders(places: Places) -> Encoders:
    """The checkpoint's folder. Raises StateMismatchError when its embedder belongs to another text encoder."""
    folder = places.shipped / "embedder"
    if not (folder / "config.json").exists():
        raise stages.MissingPartError("there is no embedder yet: train it first")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if config["text_encoder"] != text_encoder_digest(places):
        raise StateMismatchError("the embedder was trained against another text encoder: train it again")
    embedder = Embedder(config)
    load_weights(embedder, folder)
    autoencoder, scaling = stages.load_autoencoder(places)
    text_encoder = CLIPTextModel.from_pretrained(text_encoder_folder(places), torch_dtype=torch.float32).eval()
    tokenizer = CLIPTokenizer.from_pretrained(places.shipped / "tokenizer")
    return Encoders(autoencoder, scaling, tokenizer, text_encoder, embedder.eval())


def grouped_scenes(groups: int = 25, number: int = 0) -> list[Scene]:
    """Groups of four that differ in sides, background or size only: of two things mostly, four after each other."""
    found: list[Scene] = []
    for i in range(groups):
        found += pair_group(scenes.scene_random(_GROUP_SEED, number * 10_000 + i))
    return found


def random_scenes(count: int = 100, number: int = 0) -> list[Scene]:
    """Scenes of the evaluation seed whose plain captions all differ."""
    found: dict[str, Scene] = {}
    index = _FIRST_RANDOM + number * 10_000
    while len(found) < count:
        scene = scenes.scene(scenes.EVALUATION_SEED, index, 0.5)
        found.setdefault(captions.plain_caption(scene), scene)
        index += 1
    return list(found.values())


def caption_to_scene(encoders: Encoders, wanted: list[Scene]) -> Figure:
    """Plain captions whose nearest scene is their own."""
    cosines = encoders.texts([captions.plain_caption(scene) for scene in wanted]) @ encoders.scenes(wanted).mT
    return int((cosines.argmax(1) == torch.arange(len(wanted))).sum()), len(wanted)


def held_out_looks(count: int = 400, number: int = 0) -> list[Scene]:
    """Single digits and garments in turn, in fonts and variants that training never drew."""
    digits, garment_ids = of_kind("digit"), of_kind("garment")
    found = []
    for i in range(count):
        random = scenes.scene_random(scenes.EVALUATION_SEED, 50_000 + number * 10_000 + i)
        ids, held_out = (digits, len(fonts.HELD_OUT_DIGIT_FONTS)) if i % 2 == 0 else (garment_ids, garments.HELD_OUT_VARIANTS)
        thing = ids[i // 2 % len(ids)]
        background = list(BACKGROUNDS)[int(random.integers(len(BACKGROUNDS)))]
        scene = scenes.single(random, thing, background, small_share=0.2)
        variant = variant_count(thing) + int(random.integers(held_out))
        found.append(replace(scene, things=(replace(scene.things[0], variant=variant),)))
    return found


def nearest_label(encoders: Encoders, wanted: list[Scene], of_its_kind: bool = True) -> Figure:
    """Scenes whose nearest label, by its encoding alone, is their thing's name: among its kind's or all things' names."""
    things = all_things()
    labels = encoders.texts([thing.name for thing in things])
    cosines = encoders.scenes(wanted) @ labels.mT
    right = 0
    for scene, row in zip(wanted, cosines, strict=True):
        mine = scene.things[0].thing_id
        among = of_kind(things[mine].kind) if of_its_kind else list(range(len(things)))
        right += among[int(row[among].argmax())] == mine
    return right, len(wanted)


def figures(places: Places, number: int = 0) -> dict[str, Figure]:
    """All that is asked of an embedder."""
    encoders = load_encoders(places)
    looks = held_out_looks(number=number)
    return {
        "caption_to_scene_in_groups": caption_to_scene(encoders, grouped_scenes(number=number)),
        "caption_to_scene_at_random": caption_to_scene(encoders, random_scenes(number=number)),
        "looks_among_their_kind": nearest_label(encoders, looks),
        "looks_among_all": nearest_label(encoders, looks, of_its_kind=False),
    }
