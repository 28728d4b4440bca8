"""MODEL_CARD.md: what the checkpoint is, what it was made of, and how good it measured."""

import json
from pathlib import Path
from textwrap import fill
from typing import Any

from loop import write_atomically

from .rows import table

_TEXT = """# Darkroom's own checkpoint

A small Stable Diffusion checkpoint in the diffusers folder layout. It draws emoji scenes at 128 x 128: one or two things of
[vocabulary.json](vocabulary.json) on a coloured background. Trained from nothing by [models/training](../training) on two
CPU cores; every weight is F16. It is a toy with a purpose: small enough to ship and to run anywhere, real enough that
diffusers loads it unchanged.

{sheet}
## What it learnt from

Only pictures drawn by `models/training/world`; no photograph, no scraped image, no text corpus.

- Emoji: Noto Color Emoji (Google), SIL Open Font License 1.1, from Debian's `fonts-noto-color-emoji`.
- Digits: DejaVu (Bitstream Vera licence), Liberation, Lato, Open Sans, Cantarell, Comfortaa (SIL OFL 1.1; Open Sans also
  Apache 2.0), GNU FreeFont (GPL 3 with font exception), URW base 35 (AGPL 3 with font exception), from Debian's packages.
- Names and part of the synonyms: Unicode and CLDR (Unicode licence v3).
- The pullover is drawn by our own code (MIT, like all of Darkroom).

Pairs of things whose names' sha256 begins with a byte below 26 (`world/things.py`) were never shown together.

## How it was trained

| part | samples seen |
|---|---|
{progress}

`models/training/config.toml` holds every choice. Autoencoder: `AutoencoderKL`, 8 latent channels, factor 8. UNet:
v-prediction, `scaled_linear` 0.00085 to 0.020, trailing timesteps. Text encoder: CLIP's architecture, 192 wide, 3 layers.

## How good it is

`npm run evaluate`, {measured}: pictures made by Darkroom itself with the checkpoint's own steps, guidance and scheduler,
nothing picked. Scenes, prompts and seeds are drawn with random numbers that training never draws; prompts for one thing are
so few that training has seen most of their wordings. The judge is a classifier that had no part in training
(`models/training/evaluation/judge`); it calls blurs, hybrids and bad reconstructions none of the things. Detail is what a
picture shares with a rendering beyond what a blur of 3 pixels leaves (`evaluation/detail.py`): true renderings have 0.84, and
when blurred by 3 pixels 0.34.

{figures}

## Limits

{limits}
"""

_SHEET = """![Unpicked samples](samples.png)

The first scenes that came, none picked, row by row:

{prompts}

"""

_RECIPE = 500_000  # UNet samples from which good pictures are to be expected


def limits(progress: dict[str, Any], parts: dict[str, list[dict[str, Any]]]) -> str:
    """What it can't do, from the UNet samples that it has seen and the figures."""
    seen = progress["unet"]["samples_seen"]
    lines = ["Words outside the vocabulary mean nothing to it."]
    if seen < _RECIPE:
        lines.append(f"Its UNet has seen {seen:,} samples; good pictures are to be expected from about {_RECIPE:,} on.")
    if "singles" in parts:
        lines.append(f"Of pictures of one thing the judge names {parts['singles'][0]['shown']}.")
    for row in parts.get("pairs", []):
        lines.append(f"{row['what'].capitalize()}: {row['shown']}.")
    missed = [row["what"] for rows in parts.values() for row in rows if row["reached"] is False]
    if missed:
        lines.append(f"It falls short of what was hoped for in: {'; '.join(missed)}.")
    return fill(" ".join(lines), 125, break_long_words=False, break_on_hyphens=False)


def write(checkpoint: Path, figures: dict[str, Any]) -> None:
    """Write the card of a checkpoint from its figures and its progress.json."""
    progress = json.loads((checkpoint / "progress.json").read_text(encoding="utf-8"))
    prompts = figures["sheet"]
    text = _TEXT.format(
        sheet="" if prompts is None else _SHEET.format(prompts=fill("; ".join(prompts) + ".", 125, break_on_hyphens=False)),
        progress="\n".join(f"| {part} | {values['samples_seen']:,} |" for part, values in progress.items()),
        measured=figures["measured"],
        figures=table([row for rows in figures["parts"].values() for row in rows]),
        limits=limits(progress, figures["parts"]),
    )
    write_atomically(checkpoint / "MODEL_CARD.md", lambda temporary: temporary.write_text(text, encoding="utf-8"))
