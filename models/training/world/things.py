"""The vocabulary of things, and the rule for which pairs of them are never shown together in training."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

THINGS_FILE = Path(__file__).parent.parent / "things.tsv"
HELD_OUT_BELOW = 26  # of 256: about a tenth of all pairs


@dataclass(frozen=True)
class Thing:
    """One row of things.tsv. `emoji` is None where there is none (the pullover) or where fonts draw it (digits)."""

    name: str
    kind: str
    emoji: str | None
    synonyms: tuple[str, ...]


def _parse(line: str) -> Thing:
    code_points, name, kind, *rest = line.split("\t")
    has_emoji = code_points != "-" and kind != "digit"
    emoji = "".join(chr(int(c, 16)) for c in code_points.split()) if has_emoji else None
    synonyms = tuple(s.strip() for s in rest[0].split(",") if s.strip()) if rest else ()
    return Thing(name, kind, emoji, tuple(s.replace("’", "'") for s in synonyms))


@lru_cache(maxsize=1)
def all_things() -> tuple[Thing, ...]:
    """All things in the file's order; a thing's position is its class id everywhere in training."""
    lines = THINGS_FILE.read_text(encoding="utf-8").splitlines()
    return tuple(_parse(line) for line in lines if line.strip() and not line.startswith("#"))


@lru_cache(maxsize=None)
def is_held_out(first: str, second: str) -> bool:
    """Whether the unordered pair of canonical names is an unseen pair, kept out of every training part."""
    digest = hashlib.sha256("|".join(sorted((first, second))).encode()).digest()
    return digest[0] < HELD_OUT_BELOW
