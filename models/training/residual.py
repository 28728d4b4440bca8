"""The residual block that the embedder and the discriminator are made of."""

from torch import Tensor, nn
from torch.nn.functional import silu


class Residual(nn.Module):
    """diffusers' ResnetBlock2D without a timestep: [batch, channels, h, w] -> the same."""

    def __init__(self, channels: int, groups: int):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(groups, channels), nn.GroupNorm(groups, channels)
        self.conv1, self.conv2 = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(silu(self.norm1(x)))
        return x + self.conv2(silu(self.norm2(h)))
