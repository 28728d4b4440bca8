"""`npm run docs:draw` calls this: draws the sheets into a folder."""

import argparse
import sys
from pathlib import Path

from configuration import TrainingError
from world.scenes import render

from . import choice, sheet

_LOSSY = 80  # WebP's quality: a third of the bytes, and nothing that is learnt from six hundred pictures sees it


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="npm run docs:draw", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(argv).folder
    try:
        classes = choice.digits_and_garments()
        pictures = [render(scene)[0] for one in classes for scene in one.scenes]
        described = {"examples": choice.EXAMPLES, "classes": [one.name for one in classes]}
        sheet.write(pictures, len(classes[0].scenes), folder / "digits-and-garments.webp", described, _LOSSY)
        scenes = choice.some_scenes()
        about = {"scenes": [choice.about(scene) for scene in scenes]}
        sheet.write([render(scene)[0] for scene in scenes], 8, folder / "scenes.webp", about)
    except TrainingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
