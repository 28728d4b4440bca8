"""The discriminator's network."""

from typing import Any

from torch import Tensor, nn
from torch.nn.functional import interpolate, silu

from residual import Residual


class Discriminator(nn.Module):
    """Pictures [batch, 3, h, w] in -1..1 -> logits [batch]: of how likely it is that they are like the data.

    Pictures of another size are first brought to the one it was trained with. `config` is what config.json will say.
    """

    def __init__(self, config: dict[str, Any]):
        super().__init__()
        self.config = dict(config)
        widths, groups = config["block_out_channels"], config["norm_num_groups"]
        self.size, self.plain = config["sample_size"], config["plain_blocks"]
        inputs = [3, *widths[:-1]]
        self.downsamplers = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in zip(inputs, widths, strict=True)
        )
        self.blocks = nn.ModuleList(Residual(width, groups) for width in widths[self.plain :])
        self.norm_out = nn.GroupNorm(groups, widths[-1])
        self.linear_1 = nn.Linear(widths[-1], config["hidden_size"])
        self.linear_2 = nn.Linear(config["hidden_size"], 1)

    def forward(self, pictures: Tensor) -> Tensor:
        h = pictures
        if h.shape[2:] != (self.size, self.size):
            h = interpolate(h, (self.size, self.size), mode="bilinear", align_corners=False)
        for i, downsampler in enumerate(self.downsamplers):
            h = downsampler(h)
            # The largest are cheap: half the work would be theirs.
            h = silu(h) if i < self.plain else self.blocks[i - self.plain](h)
        h = silu(self.norm_out(h)).mean((2, 3))
        return self.linear_2(silu(self.linear_1(h)))[:, 0]
