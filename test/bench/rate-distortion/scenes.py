"""Held-out scenes and their renderings: `python scenes.py COUNT FOLDER`, with models/training on the path.

FOLDER/scenes.json: [{"things": [names], "relation": "left", "above" or null, "background": colour}], half of them with two things;
FOLDER/pictures.safetensors: "pictures", uint8 [COUNT, 128, 128, 3], in the same order.
"""

import json
import sys
from pathlib import Path

import numpy as np
from evaluation.prompts import seen_pairs, singles
from safetensors.numpy import save_file
from world import scenes
from world.things import all_things


def main(count: int, folder: Path) -> None:
    one, two = singles(-(-count // 2)), seen_pairs(count // 2)
    # By turns, so that however many there are, half have two things.
    asked = [(one if i % 2 == 0 else two)[i // 2].scene for i in range(count)]
    said = [
        {
            "things": [all_things()[placed.thing_id].name for placed in scene.things],
            "relation": scene.relation,
            "background": scene.background,
        }
        for scene in asked
    ]
    (folder / "scenes.json").write_text(json.dumps(said), encoding="utf-8")
    save_file({"pictures": np.stack([scenes.render(scene)[0] for scene in asked])}, folder / "pictures.safetensors")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
