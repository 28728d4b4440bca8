"""Training the judge, on draws of a seed of its own and on what the shipped decoder makes of them."""

import hashlib
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import cross_entropy

import optimizer
from autoencoder import to_tensor
from configuration import Places
from evaluation.crops import thing_crops
from loop import Part, Run, step_generator, write_atomically
from machine import arithmetic, placed
from stages import load_autoencoder
from world import scenes

from . import reconstructions, specimens
from .network import NONE, JudgeNetwork

# Of the scenes that are reconstructed, of all others, and of those that doubt is measured with. The checkpoint's training
# and the evaluation have others.
SEED, _DRAWN_SEED, _DOUBT_SEED = 21, 22, 23
WEIGHTS = Path(__file__).parent / "judge.safetensors"
_SHARD = 40  # scenes that are reconstructed before the next save
_SPOILT = {
    "blurred": specimens.blurred, "hybrid": specimens.hybrid, "faded": specimens.faded, "melted": specimens.melted,
    "blank": specimens.blank,
}  # fmt: skip


class Reconstructions:
    """Good and bad reconstructions of the judge's first `count` scenes, made once and kept under `places.work`."""

    def __init__(self, config: dict[str, Any], places: Places):
        self.count, self.pair_share = config["reconstructions"], config["pair_share"]
        weights = (places.shipped / "vae" / "diffusion_pytorch_model.safetensors").read_bytes()
        self.folder = places.work / f"judge-reconstructions-{hashlib.sha256(weights).hexdigest()[:12]}"
        self.good, self.bad = self._all(places)

    def scene(self, index: int) -> scenes.Scene:
        return scenes.scene(SEED, index, self.pair_share)

    def _all(self, places: Places) -> tuple[np.ndarray, np.ndarray]:
        files = [self.folder / f"shard-{shard:05d}.npz" for shard in range(-(-self.count // _SHARD))]
        if not all(file.exists() for file in files):
            model, _ = load_autoencoder(places)
            for shard, file in enumerate(files):
                if not file.exists():
                    began = time.monotonic()
                    self._make(model, shard, file)
                    left = (len(files) - shard - 1) * (time.monotonic() - began) / 60
                    done = min(self.count, (shard + 1) * _SHARD)
                    print(f"reconstructions {done}/{self.count} {left:.1f} min left", flush=True)
        loaded = [np.load(file) for file in files]
        return tuple(np.concatenate([shard[kind] for shard in loaded]) for kind in ("good", "bad"))

    def _make(self, model: Any, shard: int, file: Path) -> None:
        generator = step_generator(SEED, shard)
        good, bad = [], []
        wanted = range(shard * _SHARD, min(self.count, (shard + 1) * _SHARD))
        for first in range(0, len(wanted), 8):
            latents, masks = reconstructions.encode(model, [self.scene(i) for i in wanted[first : first + 8]])
            good.append(reconstructions.decode(model, reconstructions.good(latents, generator)))
            bad.append(reconstructions.decode(model, reconstructions.bad(latents, masks, generator)))

        def save(temporary: Path) -> None:
            with temporary.open("wb") as out:
                np.savez_compressed(out, good=np.concatenate(good), bad=np.concatenate(bad))

        write_atomically(file, save)


class Batches:
    """Crops and classes, a function of the cursor alone."""

    def __init__(self, config: dict[str, Any], places: Places):
        self.config = config
        self.reconstructions = Reconstructions(config, places)
        shares = config["shares"]
        self.kinds, self.shares = list(shares), np.array(list(shares.values())) / sum(shares.values())

    def __call__(self, cursor: int, count: int) -> tuple[Tensor, Tensor]:
        """float32 [count, 3, 64, 64] in -1..1 and int64 [count]."""
        drawn = [self._draw(scenes.scene_random(_DRAWN_SEED, cursor + i)) for i in range(count)]
        crops = to_tensor(np.stack([crop for crop, _ in drawn]))
        return crops.contiguous(memory_format=torch.channels_last), torch.tensor([label for _, label in drawn])

    def _draw(self, random: np.random.Generator) -> tuple[np.ndarray, int]:
        kind = self.kinds[int(random.choice(len(self.kinds), p=self.shares))]
        if kind in ("good", "bad"):
            index = int(random.integers(self.reconstructions.count))
            scene, picture = self.reconstructions.scene(index), getattr(self.reconstructions, kind)[index]
            place = int(random.integers(len(scene.things)))
        else:
            scene = scenes.describe(random, self.config["pair_share"])
            place = int(random.integers(len(scene.things)))
            picture = _SPOILT.get(kind, specimens.rendering)(scene, place, random)
        crop = thing_crops(picture, scene.relation, random)[place]
        return crop, scene.things[place].thing_id if kind in ("good", "rendering") else NONE


def run(config: dict[str, Any], places: Places) -> tuple[Run, Batches]:
    """The judge in training."""
    model = JudgeNetwork(config["widths"], config["seed"]).to(memory_format=torch.channels_last)
    batches = Batches(config, places)
    torch.set_num_threads(1)  # the convolutions are small: a second thread would wait more than it works

    def step(cursor: int) -> float:
        model.train()
        crops, labels = placed(*batches(cursor, config["batch"]))
        with arithmetic():
            loss = cross_entropy(model(crops), labels)
        loss.backward()
        return loss.item()

    part = Part.of(
        config,
        name="judge",
        module=model,
        optimizers=optimizer.build([model], config["muon_learning_rate"], config["adam_learning_rate"], ("features.0", "none", "things")),
        step=step,
        identity={"things": NONE, "widths": config["widths"]},
    )
    return Run(part, places.work), batches


def train(config: dict[str, Any], places: Places, weights: Path = WEIGHTS) -> None:
    """Train the judge to its end and write its weights."""
    trained, batches = run(config, places)
    trained.train()
    model = trained.finished()
    _settle(model, batches, config)
    _doubt(model, config)
    save(model, weights)


def _settle(model: JudgeNetwork, batches: Batches, config: dict[str, Any]) -> None:
    """Measure the norms' statistics anew: those of training belong to weights that were averaged away."""
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean of all batches
    model.train()
    with torch.no_grad():
        for i in range(30):
            model(batches(config["samples"] + i * config["batch"], config["batch"])[0])
    model.eval()


def _doubt(model: JudgeNetwork, config: dict[str, Any]) -> None:
    """Let the judge doubt as much as it takes for a share `hybrids_passing` of hybrids, the hardest kind, to pass."""
    crops = []
    for index in range(config["hybrids"]):
        random = scenes.scene_random(_DOUBT_SEED, index)
        scene = scenes.describe(random, config["pair_share"])
        place = int(random.integers(len(scene.things)))
        crops.append(thing_crops(specimens.hybrid(scene, place, random), scene.relation)[place])
    with torch.no_grad():
        logits = torch.cat([model(to_tensor(np.stack(crops[i : i + 50]))) for i in range(0, len(crops), 50)])
        lead = logits[:, :NONE].amax(1) - logits[:, NONE]
        model.none.bias += lead.quantile(1 - config["hybrids_passing"]).clamp(min=0)


def save(model: JudgeNetwork, file: Path) -> None:
    """Write F16 weights with what is needed to build the network again."""
    tensors = {name: tensor.half().contiguous() for name, tensor in model.state_dict().items() if tensor.is_floating_point()}
    widths = ",".join(str(width) for width in model.widths)

    def write(temporary: Path) -> None:
        save_file(tensors, temporary, metadata={"format": "pt", "widths": widths})
        temporary.chmod(0o644)

    write_atomically(file, write)
