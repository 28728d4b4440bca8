"""From what was made to figures.json, MODEL_CARD.md and samples.png beside the weights."""

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import torch

from loop import write_json
from sheet import write_sheet
from stages import MissingPartError

from . import card, parts
from .job import Made
from .rows import Row, table


def write(folder: Path, checkpoint: Path) -> None:
    """Measure the parts that were asked for, and write everything down. Other parts' figures of the same weights stay."""
    torch.set_num_threads(os.cpu_count() or 1)
    made = Made(folder, checkpoint)
    figures = _earlier(checkpoint, made.results["checkpoint"], _discriminator_digest(checkpoint))
    for name in made.job["parts"]:
        if name == "sheet":
            write_sheet(made.pictures("sheet"), checkpoint / "samples.png", 8, scale=0.75)
            figures["sheet"] = [asked.prompt for asked in made.asked("sheet")]
        else:
            print(f"{name} …", flush=True)
            figures["parts"][name] = [row.json() for row in _measure(name, made)]
        # After each part: whoever stops here keeps what was measured.
        figures["parts"] = {name: figures["parts"][name] for name in parts.PARTS if name in figures["parts"]}
        figures["measured"] = time.strftime("%Y-%m-%d", time.gmtime())
        write_json(checkpoint / "figures.json", figures)
        card.write(checkpoint, figures)
    print("\n" + table([row for name in made.job["parts"] for row in figures["parts"].get(name, [])]))
    print(f"\nWritten to {checkpoint}: figures.json, MODEL_CARD.md. Every picture with its verdict: {folder}/*.png")


def _measure(name: str, made: Made) -> list[Row]:
    """A part's rows; none where the checkpoint has nothing that could be measured."""
    try:
        return parts.PARTS[name][1](made)
    except MissingPartError as error:
        print(f"{name}: {error}", flush=True)
        return []


def _earlier(checkpoint: Path, digest: str, discriminator: str | None) -> dict[str, Any]:
    """The figures that are there, as far as they are of the same weights."""
    new = {"checkpoint": digest, "discriminator": discriminator, "parts": {}, "sheet": None}
    file = checkpoint / "figures.json"
    if not file.exists():
        return new
    figures = json.loads(file.read_text(encoding="utf-8"))
    if figures["checkpoint"] != digest:
        return new
    if figures.get("discriminator") != discriminator:
        figures["parts"] = {name: rows for name, rows in figures["parts"].items() if name not in parts.BY_DISCRIMINATOR}
    return {**new, **figures, "discriminator": discriminator}


def _discriminator_digest(checkpoint: Path) -> str | None:
    """sha256 of what the discriminator is made of; None where there is none."""
    files = sorted((checkpoint / "discriminator").glob("*"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest() if files else None
