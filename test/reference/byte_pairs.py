"""Byte-pair merges, the textbook's way and the same ones every time."""

import re
from collections import Counter

_WORD = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\s\w]|_)+")


def byte_symbols() -> list[str]:
    """The printable characters that stand for bytes, in GPT-2's order: printable bytes first."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(byte) for byte in printable] + [chr(256 + i) for i in range(256 - len(printable))]


def learn_merges(text: str, count: int) -> list[tuple[str, str]]:
    """The most frequent pair first, of equally frequent ones the first in the alphabet. `text` is ASCII."""
    words = [[*word[:-1], word[-1] + "</w>"] for word in _WORD.findall(text.lower())]
    merges: list[tuple[str, str]] = []
    for _ in range(count):
        pairs = Counter(pair for word in words for pair in zip(word, word[1:]))
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        words = [_merged(word, best) for word in words]
    return merges


def _merged(word: list[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    for symbol in word:
        if merged and (merged[-1], symbol) == pair:
            merged[-1] += symbol
        else:
            merged.append(symbol)
    return merged
