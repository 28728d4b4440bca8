"""Rows of the table of figures: what was measured, on how many, with what interval, and what was hoped for."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from . import intervals


@dataclass(frozen=True)
class Row:
    """`value` with its 95 % interval; `wanted` as the issue has it, `reached` whether `value` is so good (None: not asked)."""

    what: str
    count: int | None
    value: float
    interval: tuple[float, float] | None
    shown: str
    wanted: str | None
    reached: bool | None

    def json(self) -> dict[str, Any]:
        return asdict(self)


def _better(value: float, at_least: float | None, at_most: float | None) -> bool | None:
    if at_least is not None:
        return value >= at_least
    return None if at_most is None else value <= at_most


def share(what: str, right: int, count: int, at_least: float | None = None, at_most: float | None = None) -> Row:
    """`right` of `count`, as a share."""
    low, high = intervals.wilson(right, count)
    value = right / count
    bound = at_least if at_least is not None else at_most
    wanted = None if bound is None else f"{'≥' if at_least is not None else '≤'} {100 * bound:g} %"
    shown = f"{100 * value:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
    return Row(what, count, value, (low, high), shown, wanted, _better(value, at_least, at_most))


def quantile(what: str, values: list[float], at: float, at_least: float | None = None) -> Row:
    """The quantile `at` of some values."""
    array = np.array(values)
    value = float(np.quantile(array, at))
    low, high = intervals.of_quantile(array, at)
    wanted = None if at_least is None else f"≥ {at_least:.2f}"
    return Row(what, len(values), value, (low, high), f"{value:.2f} ({low:.2f} to {high:.2f})", wanted, _better(value, at_least, None))


def mean(what: str, values: list[float], unit: str, at_least: float | None = None, beside: str = "") -> Row:
    """The mean of some values; `beside` is shown after it."""
    value, (low, high) = float(np.mean(values)), intervals.of_mean(np.array(values))
    shown = f"{value:.1f} {unit} ({low:.1f} to {high:.1f}){beside}"
    wanted = None if at_least is None else f"≥ {at_least:g} {unit}"
    return Row(what, len(values), value, (low, high), shown, wanted, _better(value, at_least, None))


def area(what: str, value: float, likes: int, others: int, at_least: float | None = None) -> Row:
    """An area under the ROC curve, of so many positives and negatives."""
    low, high = intervals.of_area(value, likes, others)
    wanted = None if at_least is None else f"≥ {at_least:.2f}"
    shown = f"{value:.3f} ({low:.3f} to {high:.3f})"
    return Row(what, likes + others, value, (low, high), shown, wanted, _better(value, at_least, None))


def amount(what: str, value: float, unit: str, digits: int, at_most: float, count: int | None = None, beside: str = "") -> Row:
    """One number that is not to be too large."""
    shown = f"{value:.{digits}f} {unit}{beside}"
    return Row(what, count, value, None, shown, f"≤ {at_most:g} {unit}", value <= at_most)


def table(rows: list[dict[str, Any]]) -> str:
    """Rows (as JSON) in Markdown."""
    lines = ["| what | n | hoped for | measured (95 % interval) | |", "|---|---|---|---|---|"]
    for row in rows:
        mark = {True: "yes", False: "no", None: ""}[row["reached"]]
        count = "" if row["count"] is None else row["count"]
        lines.append(f"| {row['what']} | {count} | {row['wanted'] or ''} | {row['shown']} | {mark} |")
    return "\n".join(lines)
