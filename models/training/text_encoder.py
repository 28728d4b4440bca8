"""The text encoder, and a warm start without pictures: read a caption, say what the scene holds."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

import optimizer
from configuration import Places
from loop import Part, Run
from machine import arithmetic, placed
from world import captions, scenes
from world.palette import BACKGROUNDS
from world.things import all_things

COLOURS = list(BACKGROUNDS)
RELATIONS = [None, "left", "above"]
SIZES = ["large", "small"]


def build(config: dict[str, Any], tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """An untrained text encoder: ids [batch, positions] -> hidden states [batch, positions, width]."""
    torch.manual_seed(config["seed"])
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=config["width"],
            intermediate_size=config["width"] * 4,
            projection_dim=config["width"],
            num_hidden_layers=config["layers"],
            num_attention_heads=config["heads"],
            max_position_embeddings=tokenizer.model_max_length,
            hidden_act="quick_gelu",
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.eos_token_id,
        )
    )


def tokenise(tokenizer: CLIPTokenizer, texts: list[str]) -> Tensor:
    """Ids int64 [batch, positions]: bos, text, eos, padded with eos, as diffusers does it."""
    encoded = tokenizer(
        texts, padding="max_length", max_length=tokenizer.model_max_length, truncation=True, return_tensors="pt"
    )
    return encoded.input_ids


class SceneReader(nn.Module):
    """Text encoder and throw-away heads that name a scene from the caption's hidden states.

    One learned query for each place (first thing, second thing, ground) attends over all positions, as the UNet's
    cross-attention later will.
    """

    def __init__(self, encoder: CLIPTextModel):
        super().__init__()
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.queries = nn.Parameter(torch.randn(3, width) * 0.02)
        self.attention = nn.MultiheadAttention(width, 4, batch_first=True)
        self.thing = nn.Linear(width, len(all_things()) + 1)  # the last class: nothing there
        self.size = nn.Linear(width, len(SIZES) + 1)
        self.colour = nn.Linear(width, len(COLOURS) + 1)  # the last class: not said
        self.relation = nn.Linear(width, len(RELATIONS))

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Logits: things [batch, 2, classes], sizes [batch, 2, 3], colour [batch, 9], relation [batch, 3]."""
        hidden = self.encoder(ids).last_hidden_state
        places, _ = self.attention(self.queries.expand(len(ids), -1, -1), hidden, hidden, need_weights=False)
        return self.thing(places[:, :2]), self.size(places[:, :2]), self.colour(places[:, 2]), self.relation(places[:, 2])


def labels(scene: scenes.Scene, text: str) -> list[int]:
    """[first thing, second thing, first size, second size, colour, relation] as class numbers."""
    placed = list(scene.things)
    things = [p.thing_id for p in placed] + [len(all_things())] * (2 - len(placed))
    sizes = [SIZES.index(p.size_name) for p in placed] + [len(SIZES)] * (2 - len(placed))
    colour = COLOURS.index(scene.background) if captions.says_background(scene, text) else len(COLOURS)
    return [*things, *sizes, colour, RELATIONS.index(scene.relation)]


def warm_start(config: dict[str, Any], places: Places, tokenizer: CLIPTokenizer) -> Run:
    """The warm start as a run; its module is a SceneReader whose `encoder` is what matters."""
    reader = SceneReader(build(config, tokenizer))

    def step(cursor: int) -> float:
        texts, wanted = [], []
        for index in range(cursor, cursor + config["batch"]):
            random = scenes.scene_random(scenes.TRAINING_SEED, index)
            scene = scenes.describe(random, config["pair_share"])
            texts.append(captions.caption(scene, random))
            wanted.append(labels(scene, texts[-1]))
        ids, target = placed(tokenise(tokenizer, texts), torch.tensor(wanted))
        with arithmetic():
            things, sizes, colour, relation = reader(ids)
            loss = (
                cross_entropy(things.flatten(0, 1), target[:, 0:2].flatten())
                + 0.3 * cross_entropy(sizes.flatten(0, 1), target[:, 2:4].flatten())
                + 0.3 * cross_entropy(colour, target[:, 4])
                + 0.3 * cross_entropy(relation, target[:, 5])
            )
        loss.backward()
        return loss.item()

    part = Part.of(
        config,
        name="text-encoder",
        module=reader,
        optimizers=optimizer.build(
            [reader], config["muon_learning_rate"], config["adam_learning_rate"],
            ("embedding", "queries", "thing", "size", "colour", "relation"),
        ),
        step=step,
        identity={"vocabulary": len(tokenizer), "width": config["width"], "layers": config["layers"]},
    )  # fmt: skip
    return Run(part, places.work)
