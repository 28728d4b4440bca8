"""Whether the discriminator's favourite of several pictures is right more often than the first of them."""

from math import comb

import numpy as np

from configuration import Places
from discrimination import measures

from . import naming, rows
from .job import Made
from .judge.verdict import Judge
from .prompts import BEST_STEPS, TRIES
from .rows import Row


def mcnemar(gained: int, lost: int) -> float:
    """The probability that so many, or more, of the pairs that differ are gained where gain and loss are equally likely:
    McNemar's test, exact and two-sided (McNemar, "Note on the sampling error of the difference between correlated
    proportions or percentages", 1947)."""
    differing = gained + lost
    if differing == 0:
        return 1.0
    tail = sum(comb(differing, k) for k in range(max(gained, lost), differing + 1)) / 2**differing
    return min(1.0, 2 * tail)


def measure(made: Made, judge: Judge) -> list[Row]:
    """Raises MissingPartError where the checkpoint has no discriminator."""
    pictures, asked = made.pictures("best"), made.asked("best")
    scores = measures.load_judge(Places(shipped=made.checkpoint)).scores(pictures).reshape(-1, TRIES)
    right = np.array(naming.right_of(judge, asked, pictures, made.folder / "best-of.png")).reshape(-1, TRIES)
    first, best = right[:, 0], right[np.arange(len(right)), scores.argmax(1)]
    gained, lost = int((best & ~first).sum()), int((first & ~best).sum())
    p = mcnemar(gained, lost)
    what, count = f"two things at {BEST_STEPS} steps, both right", len(right)
    beside = f" ({gained} gained, {lost} lost)"
    favoured = gained > lost
    return [
        rows.share(f"{what}: the first picture", int(first.sum()), count),
        rows.share(f"the best of {TRIES} by the discriminator", int(best.sum()), count),
        rows.share(f"any of the {TRIES}", int(right.any(1).sum()), count),
        rows.amount("McNemar's p of the best against the first", p if favoured else 1.0, "", 4, at_most=0.05, count=count, beside=beside),
    ]
