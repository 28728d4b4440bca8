"""A tiny embedder and a tiny discriminator beside the tiny checkpoint, and what they compute.

They are nobody else's: the reference is the network that models/training trains.
"""

import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from golden_files import write_json, write_tensors
from tiny_checkpoint import randomise

sys.path.append(str(Path(__file__).parent.parent.parent / "models" / "training"))

from discrimination.network import Discriminator  # noqa: E402
from embedding.network import Embedder  # noqa: E402


@torch.no_grad()
def make(root: Path, checkpoint: str) -> None:
    torch.manual_seed(4)
    _embedder(root, checkpoint)
    _discriminator(root, checkpoint)


def _embedder(root: Path, checkpoint: str) -> None:
    config = {
        "latent_channels": 8, "sample_size": 8, "block_out_channels": [8, 12], "norm_num_groups": 4, "hidden_size": 10,
        "text_width": 16, "text_heads": 3, "text_head_size": 4, "projection_dim": 6,
    }  # fmt: skip
    embedder = Embedder(config)
    _save(root / checkpoint / "embedder", embedder, {"_class_name": "DarkroomEmbedder", **config, "logit_scale": 20.0})
    # Of its own size, larger and not square, smaller than it.
    latents = [torch.randn(shape) for shape in ([2, 8, 8, 8], [1, 8, 12, 9], [1, 8, 3, 5])]
    hidden = [torch.randn(shape) for shape in ([2, 24, 16], [1, 5, 16])]
    cases = {f"l{i}": ("latents", x, embedder.embed_latents(x)) for i, x in enumerate(latents)}
    cases |= {f"t{i}": ("texts", x, embedder.embed_texts(x)) for i, x in enumerate(hidden)}
    _write(root, checkpoint, "embedder", cases, {"latents": "latents", "texts": "hidden"}, "embedding")


def _discriminator(root: Path, checkpoint: str) -> None:
    config = {
        "sample_size": 16, "block_out_channels": [6, 8, 12], "plain_blocks": 1, "norm_num_groups": 4, "hidden_size": 6,
    }  # fmt: skip
    model = Discriminator(config)
    values = {"_class_name": "DarkroomDiscriminator", **config, "threshold": 0.4}
    _save(root / checkpoint / "discriminator", model, values)
    pictures = [torch.rand(shape) * 2 - 1 for shape in ([2, 3, 16, 16], [1, 3, 24, 40], [1, 3, 7, 9])]
    cases = {f"p{i}": ("pictures", x, torch.sigmoid(model(x))) for i, x in enumerate(pictures)}
    _write(root, checkpoint, "discriminator", cases, {"pictures": "image"}, "score")


def _save(folder: Path, model: nn.Module, config: dict[str, Any]) -> None:
    randomise(model)
    write_tensors(folder / "model.safetensors", model.state_dict())
    write_json(folder / "config.json", config)


def _write(
    root: Path, checkpoint: str, part: str, cases: dict[str, tuple[str, Tensor, Tensor]], inputs: dict[str, str], output: str
) -> None:
    folder = root / "components" / Path(checkpoint).name
    tensors = {}
    for name, (kind, given, made) in cases.items():
        tensors |= {f"{name}.{inputs[kind]}": given, f"{name}.{output}": made}
    write_tensors(folder / f"{part}.safetensors", tensors)
    listed = [{"id": name, "kind": kind} for name, (kind, _, _) in cases.items()]
    write_json(folder / f"{part}.json", {"checkpoint": f"{checkpoint}/{part}", "cases": listed})
