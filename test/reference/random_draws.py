"""Draws of torch's CPU generator."""

import re
from pathlib import Path
from typing import Any

import torch

from golden_files import write_json, write_tensors


def make(root: Path) -> None:
    cases: list[dict[str, Any]] = []
    tensors: dict[str, torch.Tensor] = {}

    def add(kind: str, seed: int, draws: list[torch.Tensor], one: bool = True, **more: Any) -> None:
        name = f"r{len(cases):02}"
        dtype = str(draws[0].dtype).removeprefix("torch.")
        cases.append({"id": name, "kind": kind, "seed": str(seed), **more, "dtype": dtype})
        tensors.update({name: draws[0]} if one else {f"{name}.{i}": draw for i, draw in enumerate(draws)})

    for seed in (0, 42, 2**32 - 1, 2**32 + 42, 2**53 - 1, -1):
        for shape in ([3], [15], [16], [17], [33], [1, 8, 4, 4]):
            add("randn", seed, [torch.randn(shape, generator=_generator(seed))], shape=shape)
    for seed in (7, 8):
        shapes = [[5], [3, 6], [1], [16], [2]]
        generator = _generator(seed)
        draws = [torch.randn(shape, generator=generator) for shape in shapes]
        add("randn_sequence", seed, draws, one=False, shapes=shapes)
        operations = ["randn(5)", "rand(3)", "randn(5)", "randn(20)"]
        generator = _generator(seed)
        draws = [_apply(operation, generator) for operation in operations]
        add("mixed_sequence", seed, draws, one=False, ops=operations)
        add("rand", seed, [torch.rand([19], generator=_generator(seed))], shape=[19])
        for shape in ([9], [21]):
            draw = torch.randn(shape, generator=_generator(seed), dtype=torch.float64)
            add("randn", seed, [draw], shape=shape)
        draw = torch.randint(-5, 1000, [16], generator=_generator(seed), dtype=torch.int32)
        add("randint", seed, [draw], shape=[16], low=-5, high=1000)
    write_json(root / "randn/randn.json", {"cases": cases})
    write_tensors(root / "randn/randn.safetensors", tensors)


def _generator(seed: int) -> torch.Generator:
    return torch.Generator("cpu").manual_seed(seed)


def _apply(operation: str, generator: torch.Generator) -> torch.Tensor:
    name, count = re.fullmatch(r"(\w+)\((\d+)\)", operation).groups()
    return getattr(torch, name)([int(count)], generator=generator)
