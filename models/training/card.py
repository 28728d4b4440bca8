"""MODEL_CARD.md: what the checkpoint is, what it was made of, and how good it measured."""

import json
from textwrap import fill
from typing import Any

from configuration import Places
from evaluate import sample_sheet
from loop import write_atomically

_TEXT = """# Darkroom's own checkpoint

A small Stable Diffusion checkpoint in the diffusers folder layout. It draws emoji scenes at 128 x 128: one or two things of
[vocabulary.json](vocabulary.json) on a coloured background. Trained from nothing by [models/training](../training) on two
CPU cores; every weight is F16. It is a toy with a purpose: small enough to ship and to run anywhere, real enough that
diffusers loads it unchanged.

![Unpicked samples](samples.png)

Every picture of the sheet, none picked, 20 DDIM steps, guidance 3, seeds 0 to 23, row by row:

{prompts}

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

`python models/training --count {count} judge`, on scenes of a seed that training never uses. The judge names the nearest
rendering in blurred Lab: it is lenient about detail, a shape like melted wax still passes.

| what | figure |
|---|---|
{figures}

## Limits

{limits}
"""

_RECIPE = 500_000  # UNet samples from which good pictures are to be expected


def limits(seen: int, primer: int, generations: dict[str, Any]) -> str:
    """What it can't do, from the UNet samples `seen`, the sample at which the primer ends, and the judge's figures."""
    right, pictures = generations["named_right"], generations["pictures"]
    lines = ["Words outside the vocabulary mean nothing to it."]
    if seen < _RECIPE:
        lines.append(f"Its UNet has seen {seen:,} samples; good pictures are to be expected from about {_RECIPE:,} on.")
    if 2 * right < pictures:
        lines.append(f"Most of its pictures of one thing are not what was asked for: the judge names {right} of {pictures}.")
    else:
        lines.append(f"The judge names {right} of {pictures} pictures of one thing; it does not look at detail.")
    lines.append("Pictures of two things were not measured.")
    if seen <= primer:
        lines.append(
            "What it saw last was only the primer (`primer_scene` in `world/scenes.py`: one thing, large, in the middle, in "
            "its first look); expect less of small things and of two."
        )
    else:
        lines.append(f"Small things and two at a time it has been shown since sample {primer:,}, for {seen - primer:,} samples.")
    return fill(" ".join(lines), 125, break_long_words=False, break_on_hyphens=False)


def write(places: Places, config: dict[str, dict[str, Any]]) -> None:
    """Write the card and samples.png from the last `judge` run's figures and the shipped progress.json."""
    progress = json.loads((places.shipped / "progress.json").read_text(encoding="utf-8"))
    generations = json.loads((places.work / "generations.json").read_text(encoding="utf-8"))
    reconstructions = json.loads((places.work / "reconstructions.json").read_text(encoding="utf-8"))
    count = generations["pictures"]

    def share(figures: dict, key: str) -> str:
        return f"{figures[key]} of {figures['pictures']}"

    rows = [
        ("one thing, generated: the judge names the thing asked for", share(generations, "named_right")),
        ("its background is the colour asked for (Lab distance below 12)", share(generations, "background_right")),
        ("median likeness of generated single things (true renderings: near 0.99)", generations["median_likeness"]),
        ("the judge on true renderings", share(reconstructions["renderings"], "named_right")),
        ("the judge on the autoencoder's reconstructions", share(reconstructions["reconstructions"], "named_right")),
        ("autoencoder, one thing: PSNR whole picture / object pixels (dB)",
         f"{reconstructions['psnr_whole_one']} / {reconstructions['psnr_objects_one']}"),
        ("autoencoder, two things: PSNR whole picture / object pixels (dB)",
         f"{reconstructions['psnr_whole_two']} / {reconstructions['psnr_objects_two']}"),
    ]  # fmt: skip
    text = _TEXT.format(
        prompts="; ".join(sample_sheet(places)) + ".",
        progress="\n".join(f"| {part} | {values['samples_seen']:,} |" for part, values in progress.items()),
        figures="\n".join(f"| {what} | {figure} |" for what, figure in rows),
        count=count,
        limits=limits(progress["unet"]["samples_seen"], config["unet"]["primer_samples"], generations),
    )
    write_atomically(
        places.shipped / "MODEL_CARD.md", lambda temporary: temporary.write_text(text, encoding="utf-8")
    )
