"""What the committed judge sees in pictures: `python judge.py PICTURES.json VERDICTS.json`, with models/training on the path.

PICTURES.json: [{"file": PNG, "things": [names], "relation": "left", "above" or null}]
VERDICTS.json: [{"things": [name or null], "background": colour}], in the same order.
"""

import json
import sys

import numpy as np
from evaluation.background import background
from evaluation.judge.verdict import Judge, name_of
from PIL import Image


def _read(file: str) -> np.ndarray:
    with Image.open(file) as picture:
        return np.array(picture.convert("RGB"))


def main(asked_file: str, verdicts_file: str) -> None:
    with open(asked_file, encoding="utf-8") as file:
        asked = json.load(file)
    judge, verdicts = Judge(), []
    for first in range(0, len(asked), 64):
        part = asked[first : first + 64]
        pictures = [_read(each["file"]) for each in part]
        found = judge.pictures(pictures, [each["relation"] for each in part])
        verdicts += [
            {"things": [None if v.thing is None else name_of(v.thing) for v in seen], "background": background(picture)[0]}
            for seen, picture in zip(found, pictures, strict=True)
        ]
    with open(verdicts_file, "w", encoding="utf-8") as file:
        json.dump(verdicts, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
