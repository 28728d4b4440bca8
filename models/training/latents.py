"""Stored latents: scenes encoded once, as posterior means in F16, so that the UNet never waits for the encoder.

They live in shards of a fixed number of scenes; shard k holds scenes k * SHARD .. of the training seed. A shard is
written once and whole, so encoding can be killed at any time.
"""

import hashlib
import json
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from autoencoder import to_tensor
from configuration import Places
from lanes import Lanes
from loop import StateMismatchError, write_atomically, write_json
from machine import device, placed
from world import scenes

SHARD = 500  # scenes


def encoder_digest(model: AutoencoderKL) -> str:
    """sha256 of the encoder's F16 weights: what latents, and all that is trained on them, depend on."""
    sha = hashlib.sha256()
    for part in (model.encoder, model.quant_conv):
        for name, tensor in sorted(part.state_dict().items()):
            sha.update(name.encode())
            sha.update(tensor.detach().half().contiguous().numpy().tobytes())
    return sha.hexdigest()


class LatentStore:
    """The shards of one encoder under `places.work`. Latents are unscaled: [8, 16, 16] float16 a scene.

    `pair_share` None: the primer's scenes; else the training seed's scenes with that share of pairs. Stores of other
    scenes have a `name` of their own.
    """

    def __init__(self, places: Places, digest: str, pair_share: float | None, name: str | None = None):
        self.folder = places.work / (name or ("latents" if pair_share is not None else "latents-primer"))
        self.digest = digest
        self.pair_share = pair_share
        card = self.folder / "encoder.json"
        wanted = {"encoder": digest, "pair_share": pair_share}
        if card.exists():
            if json.loads(card.read_text(encoding="utf-8")) != wanted:
                raise StateMismatchError(
                    f"latents in {self.folder.name}/ are of another encoder or another share of pairs: "
                    "delete that folder and what was trained on it"
                )
        else:
            write_json(card, wanted)

    def scene(self, index: int) -> scenes.Scene:
        """What latent number `index` shows."""
        if self.pair_share is None:
            return scenes.primer_scene(index)
        return scenes.scene(scenes.TRAINING_SEED, index, self.pair_share)

    def count(self) -> int:
        """How many shards are there (they are numbered without gaps)."""
        return len(list(self.folder.glob("shard-*.npy")))

    def load(self, count: int) -> np.ndarray:
        """The first `count` scenes' latents, float16 [count, channels, h/8, w/8]."""
        shards = -(-count // SHARD)
        if self.count() < shards:
            raise StateMismatchError(f"{count} latents are wanted, {self.count() * SHARD} are there: encode them first")
        loaded = [np.load(self.folder / f"shard-{shard:05d}.npy") for shard in range(shards)]
        return np.concatenate(loaded)[:count]

    def encode(self, model: AutoencoderKL, scenes_wanted: int, batch: int, lanes: Lanes) -> None:
        """Add shards until `scenes_wanted` scenes are stored, with a progress line for each shard."""
        model.eval().to(device())
        while (shard := self.count()) * SHARD < scenes_wanted:
            began = time.monotonic()
            bounds = [shard * SHARD + SHARD * lane // lanes.count for lane in range(lanes.count + 1)]
            parts = lanes.each(lambda lane: self._encode(model, range(bounds[lane], bounds[lane + 1]), batch))

            def save(temporary: Path, latents: np.ndarray = np.concatenate(parts)) -> None:
                with temporary.open("wb") as file:
                    np.save(file, latents)

            write_atomically(self.folder / f"shard-{shard:05d}.npy", save)
            done, speed = (shard + 1) * SHARD, SHARD / (time.monotonic() - began)
            left = max(0, scenes_wanted - done) / speed / 60
            print(f"latents {done}/{scenes_wanted} {speed:.0f} scenes/s {left:.1f} min left", flush=True)
        model.cpu()

    def _encode(self, model: AutoencoderKL, indices: range, batch: int) -> np.ndarray:
        """Posterior means of some scenes, float16."""
        parts = []
        for first in range(0, len(indices), batch):
            wanted = indices[first : first + batch]
            drawn = [scenes.render(self.scene(i))[0] for i in wanted]
            with torch.inference_mode():
                (pictures,) = placed(to_tensor(np.stack(drawn)))
                parts.append(model.encode(pictures).latent_dist.mean.half().cpu().numpy())
        return np.concatenate(parts)
