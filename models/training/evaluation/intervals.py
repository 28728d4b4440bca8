"""95 % intervals of what was measured."""

from math import floor, sqrt

import numpy as np

Z = 1.959964  # of the normal distribution: 95 % lie within


def wilson(right: int, count: int) -> tuple[float, float]:
    """Of a share (Wilson 1927, "Probable inference, the law of succession, and statistical inference")."""
    share, weight = right / count, Z * Z / count
    middle = (share + weight / 2) / (1 + weight)
    reach = Z * sqrt(share * (1 - share) / count + weight / (4 * count)) / (1 + weight)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def of_quantile(values: np.ndarray, quantile: float) -> tuple[float, float]:
    """Of a quantile, whatever the distribution: between two of the sorted values."""
    ordered, count = np.sort(values), len(values)
    reach = Z * sqrt(count * quantile * (1 - quantile))
    low, high = floor(count * quantile - reach), floor(count * quantile + reach)
    return float(ordered[max(0, low)]), float(ordered[min(count - 1, high)])


def of_mean(values: np.ndarray) -> tuple[float, float]:
    """Of a mean, by the normal distribution."""
    mean, reach = float(np.mean(values)), Z * float(np.std(values)) / sqrt(len(values))
    return mean - reach, mean + reach


def of_area(value: float, likes: int, others: int) -> tuple[float, float]:
    """Of an area under the ROC curve: Hanley and McNeil, "The Meaning and Use of the Area under a ROC Curve", 1982."""
    q1, q2 = value / (2 - value), 2 * value**2 / (1 + value)
    variance = value * (1 - value) + (likes - 1) * (q1 - value**2) + (others - 1) * (q2 - value**2)
    half = Z * sqrt(max(0.0, variance) / (likes * others))
    return max(0.0, value - half), min(1.0, value + half)
