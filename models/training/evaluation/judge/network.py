"""The judge's network: crops of things to the names of things, and one class more: none of them."""

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from world.things import all_things

NONE = len(all_things())  # the class of what is no picture of any thing


class _Block(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = relu(self.first_norm(self.first(x)))
        return relu(x + self.second_norm(self.second(inner)))


class JudgeNetwork(nn.Module):
    """Crops float32 [batch, 3, 64, 64] in -1..1 -> logits [batch, things + 1], the last of them NONE's.

    Every quarter of the crop speaks for the things that it could belong to, and a thing is worth what the quarter that
    doubts it most says (softly): half a cat and half a bus are neither.
    """

    def __init__(self, widths: list[int], seed: int):
        super().__init__()
        torch.manual_seed(seed)
        self.widths = tuple(widths)
        stages: list[nn.Module] = []
        inside = 3
        for i, width in enumerate(widths):  # 32, 16, 8, 4 cells a side
            kernel = 5 if i == 0 else 3
            stages += [
                nn.Conv2d(inside, width, kernel, stride=2, padding=kernel // 2, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            ]
            if i < len(widths) - 1:
                stages.append(_Block(width))
            inside = width
        self.features = nn.Sequential(*stages)
        self.cells = (64 >> len(widths)) // 2  # a quarter's, each way
        self.things = nn.ModuleList(nn.Linear(inside * self.cells**2, NONE) for _ in range(4))
        self.none = nn.Linear(inside * 4 * self.cells**2, 1)

    def forward(self, crops: Tensor) -> Tensor:
        features = self.features(crops)
        quarters = [part for half in features.split(self.cells, 2) for part in half.split(self.cells, 3)]
        said = torch.stack([speak(part.flatten(1)) for speak, part in zip(self.things, quarters, strict=True)])
        return torch.cat([-torch.logsumexp(-said, 0), self.none(features.flatten(1))], 1)
