"""The embedder's two towers."""

from typing import Any

from torch import Tensor, nn
from torch.nn.functional import interpolate, normalize, silu, softmax

from residual import Residual


class LatentTower(nn.Module):
    """Scaled latents [batch, channels, h, w] -> [batch, embedding], not normalised.

    Latents of another size are first brought to the one it was trained with.
    """

    def __init__(self, config: dict[str, Any]):
        super().__init__()
        widths, groups = config["block_out_channels"], config["norm_num_groups"]
        self.size = config["sample_size"]
        self.conv_in = nn.Conv2d(config["latent_channels"], widths[0], 3, padding=1)
        self.blocks = nn.ModuleList(Residual(width, groups) for width in widths)
        self.downsamplers = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in zip(widths, widths[1:], strict=False)
        )
        self.norm_out = nn.GroupNorm(groups, widths[-1])
        side = self.size // 2 ** (len(widths) - 1)
        self.linear_1 = nn.Linear(widths[-1] * side * side, config["hidden_size"])
        self.linear_2 = nn.Linear(config["hidden_size"], config["projection_dim"])

    def forward(self, latents: Tensor) -> Tensor:
        if latents.shape[2:] != (self.size, self.size):
            latents = interpolate(latents, (self.size, self.size), mode="bilinear", align_corners=False)
        h = self.conv_in(latents)
        for i, block in enumerate(self.blocks):
            h = block(h)
            if i < len(self.downsamplers):
                h = self.downsamplers[i](h)
        h = silu(self.norm_out(h)).flatten(1)
        return self.linear_2(silu(self.linear_1(h)))


class TextTower(nn.Module):
    """The text encoder's last hidden states [batch, positions, width] -> [batch, embedding], not normalised.

    Each head looks where its own learned scores say, and takes its own part of the values there.
    """

    def __init__(self, config: dict[str, Any]):
        super().__init__()
        width, heads, size = config["text_width"], config["text_heads"], config["text_head_size"]
        self.heads, self.head_size = heads, size
        self.score = nn.Linear(width, heads)
        self.value = nn.Linear(width, heads * size)
        self.linear_1 = nn.Linear(heads * size, config["hidden_size"])
        self.linear_2 = nn.Linear(config["hidden_size"], config["projection_dim"])

    def forward(self, hidden: Tensor) -> Tensor:
        weights = softmax(self.score(hidden), dim=1).transpose(1, 2).unsqueeze(2)  # [batch, heads, 1, positions]
        values = self.value(hidden).unflatten(2, (self.heads, self.head_size)).transpose(1, 2)
        pooled = (weights @ values).flatten(1)  # [batch, heads * size]
        return self.linear_2(silu(self.linear_1(pooled)))


class Embedder(nn.Module):
    """Both towers. `config` is what config.json will say."""

    def __init__(self, config: dict[str, Any]):
        super().__init__()
        self.config = dict(config)
        self.latent = LatentTower(config)
        self.text = TextTower(config)

    def embed_latents(self, latents: Tensor) -> Tensor:
        """Unit vectors [batch, projection_dim] of scaled latents [batch, channels, h, w]."""
        return normalize(self.latent(latents), dim=1)

    def embed_texts(self, hidden: Tensor) -> Tensor:
        """Unit vectors [batch, projection_dim] of the text encoder's last hidden states [batch, positions, width]."""
        return normalize(self.text(hidden), dim=1)
