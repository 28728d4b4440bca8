"""Muon for hidden matrices and convolutions, AdamW for everything else.

Muon (Keller Jordan, 2024, "Muon: An optimizer for hidden layers in neural networks") replaces a gradient by the
nearest orthogonal matrix, so that every direction learns at the same rate: fewer samples for the same loss.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

# Coefficients of the quintic a x + b x^3 + c x^5, one triple an iteration: "The Polar Express" (Amsel et al., 2025).
_POLAR_EXPRESS = (
    (8.2051, -22.9019, 16.4607),
    (4.0664, -2.8612, 0.5184),
    (3.9096, -2.8234, 0.5250),
    (3.2856, -2.4153, 0.4853),
    (2.2779, -1.6198, 0.3985),
)


def orthogonalise(matrices: Tensor) -> Tensor:
    """The approximate polar factors of [count, rows, columns]: same singular vectors, singular values near 1.

    Iterates on the smaller Gram matrix (rows^2 instead of rows * columns a product) and takes all matrices of a
    shape at once, which is what makes this affordable for convolutions on a CPU.
    """
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT.contiguous() if tall else matrices
    x = x / (x.flatten(1).norm(dim=1)[:, None, None] * 1.01 + 1e-7)
    gram = x @ x.mT
    total = None
    for a, b, c in _POLAR_EXPRESS:
        # p = a I + b G + c G^2; X <- p X, so the Gram matrix becomes p G p.
        p = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        p.diagonal(dim1=1, dim2=2).add_(a)
        total = p if total is None else p @ total
        gram = p @ gram @ p
    result = total @ x
    return result.mT if tall else result


class Muon(torch.optim.Optimizer):
    """Orthogonalised momentum. Parameters of more than two dimensions are flattened to [out, rest]."""

    def __init__(self, parameters: Iterable[Tensor], lr: float, momentum: float = 0.95, weight_decay: float = 0.01):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        for group in self.param_groups:
            shapes: dict[tuple[int, int], list[Tensor]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    rows = parameter.shape[0]
                    shapes.setdefault((rows, parameter.numel() // rows), []).append(parameter)
            for (rows, columns), parameters in shapes.items():
                ahead = torch.stack([self._look_ahead(p, group["momentum"]).reshape(rows, columns) for p in parameters])
                # So that a tall matrix changes its outputs as much as a square one does.
                scale = max(1.0, rows / columns) ** 0.5
                for parameter, update in zip(parameters, orthogonalise(ahead), strict=True):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.add_(update.reshape(parameter.shape), alpha=-group["lr"] * scale)

    def _look_ahead(self, parameter: Tensor, decay: float) -> Tensor:
        """Nesterov's gradient: the momentum's next step ahead."""
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        momentum = state["momentum"].lerp_(parameter.grad, 1 - decay)
        return parameter.grad.lerp(momentum, decay)


def build(
    modules: list[nn.Module], muon_rate: float, adam_rate: float, keep_adam: tuple[str, ...], weight_decay: float = 0.01
) -> list[torch.optim.Optimizer]:
    """Muon and AdamW over the trainable parameters of `modules`.

    AdamW takes vectors, and matrices whose names hold one of `keep_adam` (embeddings, first and last layers).
    Each group remembers its full rate as "peak_lr" for `set_rate`.
    """
    matrices, rest = [], []
    for module in modules:
        for name, parameter in module.named_parameters():
            if parameter.requires_grad:
                hidden = parameter.ndim >= 2 and not any(part in name for part in keep_adam)
                (matrices if hidden else rest).append(parameter)
    optimizers: list[torch.optim.Optimizer] = []
    if matrices:
        optimizers.append(Muon(matrices, lr=muon_rate, weight_decay=weight_decay))
    if rest:
        optimizers.append(torch.optim.AdamW(rest, lr=adam_rate, betas=(0.9, 0.99), weight_decay=0.0))
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak_lr"] = group["lr"]
    return optimizers


def set_rate(optimizers: list[torch.optim.Optimizer], fraction: float) -> None:
    """Set every learning rate to `fraction` of its peak."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["peak_lr"] * fraction


def rate_fraction(seen: int, samples: int, warmup: int, decay_share: float, begun_at: int = 0) -> float:
    """Warm-up from sample `begun_at`, plateau, and a linear fall to 0 over the last `decay_share` of `samples`."""
    warm = min(1.0, (seen - begun_at + 1) / max(1, warmup))
    left = (samples - seen) / max(1.0, samples * decay_share)
    return max(0.0, min(warm, left, 1.0))
