"""The training loop shared by all parts: samples seen, learning rate, EMA, progress line, resumable state.

A part is a function of its configuration: every batch and every random number is drawn from (seed, cursor), so the
cursor is the whole random state, and a killed run ends in the same bytes as one that was left alone.
"""

import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from configuration import TrainingError
from machine import device
from optimizer import rate_fraction, set_rate

SAVE_EVERY_S = 90.0  # a kill loses at most two minutes
PRINT_EVERY_S = 20.0


class StateMismatchError(TrainingError):
    """The saved state belongs to another configuration or another encoder."""


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file so that a kill leaves either the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    write(temporary)
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def write_json(path: Path, value: object) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def step_generator(seed: int, cursor: int) -> torch.Generator:
    """The random numbers of the step that begins at sample `cursor`."""
    return torch.Generator().manual_seed((seed << 40) ^ cursor)


class Average:
    """Exponential moving average of a module's parameters, with a warm-up: min(decay, (1 + i) / (10 + i))."""

    def __init__(self, module: nn.Module, decay: float):
        self.decay = decay
        self.values = {name: p.detach().clone() for name, p in module.named_parameters()}
        self.updates = 0

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        parameters = [p.detach() for _, p in module.named_parameters()]
        torch._foreach_lerp_(list(self.values.values()), parameters, 1 - decay)

    @torch.no_grad()
    def copy_to(self, module: nn.Module) -> None:
        """Frozen parameters stay what they are to the bit: an average of equal values may turn -0 into 0."""
        for name, parameter in module.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(self.values[name])


@dataclass
class Part:
    """One part of training as the loop sees it.

    `step(cursor)` leaves the gradients of the batch that begins at sample `cursor`, and returns its loss.
    `identity` names what the state depends on (configuration, encoder digest); a state with another one is refused.
    """

    name: str
    module: nn.Module
    optimizers: list[torch.optim.Optimizer]
    step: Callable[[int], float]
    batch: int
    samples: int
    warmup_samples: int
    decay_share: float
    ema_decay: float
    identity: dict[str, object]
    clip_norm: float = 1.0

    @classmethod
    def of(cls, config: dict[str, Any], **what: Any) -> "Part":
        """A part whose batch, samples and course of rates are those of its table in config.toml."""
        return cls(**what, **{key: config[key] for key in ("batch", "samples", "warmup_samples", "decay_share", "ema_decay")})


class Run:
    """A part in training, with its state on disk under `folder`."""

    def __init__(self, part: Part, folder: Path):
        self.part = part
        part.module.to(device())
        self.file = folder / f"{part.name}.state.pt"
        self.average = Average(part.module, part.ema_decay)
        self.cursor = 0
        self.begun_at = 0  # the sample at which the optimizer, and with it the warm-up, began
        if self.file.exists():
            self._load()

    def _load(self) -> None:
        state = torch.load(self.file, weights_only=True, map_location=device())
        for key, value in self.part.identity.items():
            if state["identity"].get(key) != value:
                raise StateMismatchError(
                    f"{self.file.name} was trained with another {key}: delete it to start {self.part.name} afresh"
                )
        self.part.module.load_state_dict(state["module"])
        for optimizer, saved in zip(self.part.optimizers, state["optimizers"], strict=True):
            peaks = [group["peak_lr"] for group in optimizer.param_groups]
            optimizer.load_state_dict(saved)
            for group, peak in zip(optimizer.param_groups, peaks, strict=True):
                group["peak_lr"] = peak  # the configuration's, which may have changed since
        self.average.values = state["average"]
        self.average.updates = state["updates"]
        self.cursor = state["cursor"]
        self.begun_at = state.get("begun_at", 0)

    def begin_at(self, cursor: int) -> None:
        """Take the module's weights, just read, as the average of a run that has seen `cursor` samples."""
        self.average = Average(self.part.module, self.part.ema_decay)
        self.average.updates = cursor // self.part.batch
        self.cursor = self.begun_at = cursor

    def finished(self) -> nn.Module:
        """The module with the averaged weights, on the CPU; the run is spent."""
        self.average.copy_to(self.part.module)
        return self.part.module.cpu()

    def save(self) -> None:
        state = {
            "identity": self.part.identity,
            "module": self.part.module.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.part.optimizers],
            "average": self.average.values,
            "updates": self.average.updates,
            "cursor": self.cursor,
            "begun_at": self.begun_at,
        }
        write_atomically(self.file, lambda temporary: torch.save(state, temporary))

    def train(self, stop_at: int | None = None, on_save: Callable[["Run"], None] | None = None) -> None:
        """Train until `part.samples` (or `stop_at`) samples were seen."""
        part, end = self.part, self.part.samples if stop_at is None else stop_at
        saved_at = printed_at = time.monotonic()
        printed_cursor, losses = self.cursor, []
        while self.cursor < end:
            rate = rate_fraction(self.cursor, part.samples, part.warmup_samples, part.decay_share, self.begun_at)
            set_rate(part.optimizers, rate)
            losses.append(part.step(self.cursor))
            torch.nn.utils.clip_grad_norm_(part.module.parameters(), part.clip_norm)
            for optimizer in part.optimizers:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            self.average.update(part.module)
            self.cursor += part.batch
            if math.isnan(losses[-1]):
                raise FloatingPointError(f"{part.name}: loss is not a number at sample {self.cursor}")
            now = time.monotonic()
            if now - printed_at >= PRINT_EVERY_S or self.cursor >= end:
                speed = (self.cursor - printed_cursor) / max(1e-9, now - printed_at)
                left = (end - self.cursor) / max(1e-9, speed) / 60
                mean = sum(losses) / len(losses)
                print(
                    f"{time.strftime('%H:%M:%S')} {part.name} {self.cursor}/{end} loss {mean:.4f} "
                    f"{speed:.1f} samples/s {left:.1f} min left",
                    flush=True,
                )
                printed_at, printed_cursor, losses = now, self.cursor, []
            if now - saved_at >= SAVE_EVERY_S or self.cursor >= end:
                self.save()
                saved_at = now
                if on_save:
                    on_save(self)
