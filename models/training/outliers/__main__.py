"""`npm run outliers` and `npm run bench:outliers` call this: draws pictures into a .safetensors file, uint8 [n, 128, 128, 3]."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from discrimination import corruptions, foreign
from world import scenes

# Numbers of scenes of the evaluation's seed, beyond those that the evaluation asks for: no set shares one with another.
_HELD_OUT, _ONE, _TWO, _SHUFFLED, _BLURRED, _FOREIGN = (million * 1_000_000 for million in range(11, 17))
_TILE = 16  # pixels a side

Draw = Callable[[int], np.ndarray]


def _random(index: int) -> np.random.Generator:
    return scenes.scene_random(scenes.EVALUATION_SEED + 1_000, index)


def _scene(index: int, pair_share: float) -> np.ndarray:
    return scenes.render(scenes.scene(scenes.EVALUATION_SEED, index, pair_share))[0]


def _either(index: int) -> np.ndarray:
    """One thing and two things in turns."""
    return _scene(index, float(index % 2))


def shuffled(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """All tiles of a picture in random order."""
    count = scenes.SIZE // _TILE
    tiles = picture.reshape(count, _TILE, count, _TILE, 3).transpose(0, 2, 1, 3, 4).reshape(-1, _TILE, _TILE, 3)
    tiles = random.permutation(tiles).reshape(count, count, _TILE, _TILE, 3)
    return tiles.transpose(0, 2, 1, 3, 4).reshape(picture.shape)


def held_out() -> dict[str, Draw]:
    """What the checkpoint's own measures are of."""
    return {"held out": lambda i: _either(_HELD_OUT + i)}


def to_tell() -> dict[str, Draw]:
    """Other scenes, and what is to be told from them."""
    kinds = (*foreign.KINDS, *foreign.HELD_OUT_KINDS)
    return {
        "one thing": lambda i: _scene(_ONE + i, 0.0),
        "two things": lambda i: _scene(_TWO + i, 1.0),
        "shuffled": lambda i: shuffled(_either(_SHUFFLED + i), _random(_SHUFFLED + i)),
        "blurred": lambda i: corruptions.blur(_either(_BLURRED + i), _random(_BLURRED + i)),
        "drawn by rules": lambda i: foreign.draw(_random(_FOREIGN + i), (kinds[i % len(kinds)],)),
    }


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m outliers", description=__doc__)
    parser.add_argument("what", choices=("held-out", "to-tell"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--count", type=int, required=True, help="pictures of each set")
    arguments = parser.parse_args(argv)
    sets = held_out() if arguments.what == "held-out" else to_tell()
    drawn = {name: np.stack([draw(i) for i in range(arguments.count)]) for name, draw in sets.items()}
    arguments.file.parent.mkdir(parents=True, exist_ok=True)
    save_file(drawn, arguments.file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
