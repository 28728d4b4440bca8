"""What the judge says of pictures: is what was asked for there, and where it was asked to be?"""

from pathlib import Path

import numpy as np

from world.things import all_things

from . import rows
from .job import Made
from .judge.network import NONE
from .judge.verdict import Judge, Verdict, name_of
from .labelled_sheet import write_labelled
from .prompts import Asked
from .rows import Row


def right_of(judge: Judge, asked: list[Asked], pictures: list[np.ndarray], sheet: Path) -> list[bool]:
    """Of each picture, whether the judge finds every thing where it was asked to be.

    Writes a contact sheet of all pictures: what was asked, and what the judge says where that is something else.
    """
    verdicts = judge.pictures(pictures, [each.scene.relation for each in asked])
    right = [
        [verdict.thing for verdict in found] == [placed.thing_id for placed in each.scene.things]
        for each, found in zip(asked, verdicts, strict=True)
    ]
    texts = [_label(each, found) for each, found in zip(asked, verdicts, strict=True)]
    write_labelled(sheet, pictures, texts, right)
    return right


def _label(asked: Asked, found: list[Verdict]) -> tuple[str, str]:
    wanted = " | ".join(all_things()[placed.thing_id].name for placed in asked.scene.things)
    return wanted, " | ".join(_said(verdict) for verdict in found)


def _said(verdict: Verdict) -> str:
    """The verdict; where it is none, also the thing that comes next."""
    if verdict.thing is not None:
        return name_of(verdict.thing)
    return f"none ({name_of(next(thing for thing, _ in verdict.likely if thing != NONE))}?)"


def singles(made: Made, judge: Judge) -> list[Row]:
    asked = made.asked("singles")
    right = right_of(judge, asked, made.pictures("singles"), made.folder / "singles.png")
    return [rows.share("one thing: the judge names the thing asked for", sum(right), len(right), at_least=0.95)]


def pairs(made: Made, judge: Judge) -> list[Row]:
    found = []
    for name, what, wanted in (("seen", "pairs seen in training", 0.80), ("unseen", "unseen pairs", 0.70)):
        asked = made.asked(name)
        right = right_of(judge, asked, made.pictures(name), made.folder / f"pairs-{name}.png")
        found.append(rows.share(f"two things, {what}: both right, where they were asked to be", sum(right), len(right), at_least=wanted))
    return found


def reconstructions(made: Made, judge: Judge) -> list[Row]:
    """Of single things, and for comparison of two things, which are half as large."""
    found = []
    for what, two, wanted in (("the judge names the thing in reconstructions", False, 0.98), ("both of two things", True, None)):
        chosen = [(each, picture) for each, picture in made.reconstructions if (each.scene.relation is not None) == two]
        sheet = made.folder / f"reconstructions-{'two' if two else 'one'}.png"
        right = right_of(judge, [each for each, _ in chosen], [picture for _, picture in chosen], sheet)
        found.append(rows.share(what, sum(right), len(right), at_least=wanted))
    return found
