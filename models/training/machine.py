"""What training computes with: a GPU where there is one, else the CPU; in bf16 where that is the faster way."""

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache

import torch
from torch import Tensor


@lru_cache(maxsize=1)
def device() -> torch.device:
    """Where modules in training and their batches live."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@lru_cache(maxsize=1)
def has_fast_bf16() -> bool:
    """On a CPU only with AMX: AVX-512's own bf16 was measured at half the speed of f32 (0.12 against 0.22 TFLOP/s)."""
    return torch.cuda.is_bf16_supported(including_emulation=False) if device().type == "cuda" else torch.cpu._is_amx_tile_supported()


def arithmetic() -> AbstractContextManager[object]:
    """The context of a forward pass and its loss; of the calling thread only. Weights and gradients stay float32."""
    return torch.autocast(device().type, torch.bfloat16) if has_fast_bf16() else nullcontext()


def placed(*tensors: Tensor) -> tuple[Tensor, ...]:
    """A batch's tensors where its module is."""
    return tuple(tensor.to(device()) for tensor in tensors)
