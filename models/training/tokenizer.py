"""A CLIP-style BPE tokenizer trained on the captions, written as transformers' CLIPTokenizer files."""

import heapq
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from loop import write_json
from world import captions, scenes

BOS, EOS = "<|startoftext|>", "<|endoftext|>"
# CLIP's word pattern, in the words of Python's `re`: contractions, letters, single digits, runs of anything else.
_WORD = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\s\w]|_)+")


def byte_symbols() -> list[str]:
    """The 256 printable characters that stand for bytes, in CLIP's order (printable bytes first, the rest after)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return [chr(b) for b in printable] + [chr(256 + i) for i in range(len(others))]


def _byte_to_symbol() -> dict[int, str]:
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return dict(zip([*printable, *others], byte_symbols(), strict=True))


def learn_merges(words: Counter[str], limit: int) -> list[tuple[str, str]]:
    """Up to `limit` BPE merges, most frequent pair first; ties go to the smaller pair, so the result is one."""
    symbol_of = _byte_to_symbol()
    spelled = []
    for word, count in sorted(words.items()):
        symbols = [symbol_of[b] for b in word.encode()]
        spelled.append(([*symbols[:-1], symbols[-1] + "</w>"], count))
    merges: list[tuple[str, str]] = []
    while len(merges) < limit:
        pairs: Counter[tuple[str, str]] = Counter()
        for symbols, count in spelled:
            for pair in zip(symbols, symbols[1:], strict=False):
                pairs[pair] += count
        if not pairs:
            break
        best = heapq.nsmallest(1, pairs, key=lambda pair: (-pairs[pair], pair))[0]
        merges.append(best)
        spelled = [(_merge(symbols, best), count) for symbols, count in spelled]
    return merges


def _merge(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    merged, i = [], 0
    while i < len(symbols):
        if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == pair:
            merged.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            merged.append(symbols[i])
            i += 1
    return merged


def caption_words(count: int) -> Counter[str]:
    """Word counts of `count` training captions, plus every vocabulary phrase once."""
    words: Counter[str] = Counter()
    for index in range(count):
        random = scenes.scene_random(scenes.TRAINING_SEED, index)
        scene = scenes.describe(random, pair_share=0.4)
        words.update(_WORD.findall(captions.caption(scene, random).lower()))
    for entry in captions.vocabulary()["entries"]:
        for phrase in (entry["phrase"], *entry["also"]):
            words.update(_WORD.findall(phrase.lower()))
    return words


def write(folder: Path, config: dict[str, Any]) -> None:
    """Train and write vocab.json, merges.txt, tokenizer_config.json and special_tokens_map.json."""
    symbols = byte_symbols()
    alphabet = symbols + [symbol + "</w>" for symbol in symbols]
    merges = learn_merges(caption_words(config["captions"]), config["max_vocabulary"] - len(alphabet) - 2)
    tokens = alphabet + ["".join(pair) for pair in merges] + [BOS, EOS]
    vocabulary = {token: i for i, token in enumerate(tokens)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = {"bos_token": BOS, "eos_token": EOS, "unk_token": EOS, "pad_token": EOS}
    write_json(folder / "special_tokens_map.json", special)
    settings = {
        "add_prefix_space": False,
        "do_lower_case": True,
        "errors": "replace",
        "model_max_length": config["max_length"],
        "tokenizer_class": "CLIPTokenizer",
        **special,
    }
    write_json(folder / "tokenizer_config.json", settings)
