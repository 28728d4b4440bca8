"""Going on from the checkpoint's folder on a machine without saved state: its F16 weights and its progress.json.

progress.json says of each part how many samples the weights beside it have seen, and what they depend on.
"""

import json
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import nn

from configuration import Places
from loop import Run, StateMismatchError, write_json

Entry = dict[str, Any]


def read_progress(places: Places) -> dict[str, Entry]:
    """progress.json by part; empty where nothing was exported yet."""
    file = places.shipped / "progress.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def note_progress(run: Run, places: Places, *earlier: Run) -> None:
    """Note how far the exported weights of `run` have come, and those of `earlier` parts that went into them."""
    progress = read_progress(places)
    for each in (*earlier, run):
        progress[each.part.name] = {
            "samples_seen": each.cursor, "samples_planned": each.part.samples, **each.part.identity
        }  # fmt: skip
    write_json(places.shipped / "progress.json", progress)


def forget_progress(name: str, places: Places) -> None:
    """Note that the exported weights of a part are no longer there."""
    progress = read_progress(places)
    if progress.pop(name, None) is not None:
        write_json(places.shipped / "progress.json", progress)


def go_on(run: Run, entry: Entry | None, models: dict[Path, nn.Module]) -> None:
    """Begin `run` at the samples that `entry` has seen, with the weights of each model's folder and a fresh optimizer.

    Saved state goes before: with it, or without an entry, nothing happens.
    """
    if run.file.exists() or entry is None:
        return
    for key, value in run.part.identity.items():
        if key in entry and entry[key] != value:
            raise _mismatch(run.part.name, key, value, entry[key])
    for folder, model in models.items():
        load_weights(model, folder)
    run.begin_at(entry["samples_seen"])
    left = "with a fresh optimizer" if run.cursor < run.part.samples else "where nothing is left to do"
    print(f"{run.part.name} goes on from the shipped weights at sample {run.cursor}, {left}", flush=True)


def load_weights(model: nn.Module, folder: Path) -> None:
    """Read one exported model's F16 weights into `model` (float32), which must be built alike."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    built = model.config.to_dict() if hasattr(model.config, "to_dict") else dict(model.config)
    for key in ("architectures", "scaling_factor", "dtype"):  # written at the export
        config.pop(key, None)
    for key, value in json.loads(json.dumps(built, default=str)).items():
        if not key.startswith("_") and key in config and config[key] != value:
            raise _mismatch(folder.name, key, value, config[key])
    tensors = load_file(next(folder.glob("*.safetensors")))
    model.load_state_dict({name.removeprefix("text_model."): tensor for name, tensor in tensors.items()})


def _mismatch(name: str, key: str, wanted: object, there: object) -> StateMismatchError:
    return StateMismatchError(
        f"the shipped {name} has another {key} ({str(there)[:60]}) than is wanted now ({str(wanted)[:60]}): "
        "put that back, or start anew with --from-scratch"
    )
