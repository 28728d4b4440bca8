"""Which scenes the documentation shows, and how they are kept."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
from PIL import Image

from exhibits import choice, sheet
from world import fonts, garments
from world.sprites import variant_count
from world.things import all_things


class ChoiceTest(unittest.TestCase):
    def test_tests_are_in_other_looks_than_examples_and_neither_in_those_of_training(self) -> None:
        classes = choice.digits_and_garments()
        self.assertEqual(len(classes), 20)
        for one in classes:
            looks = [scene.things[0].variant for scene in one.scenes]
            examples, tests = set(looks[: choice.EXAMPLES]), set(looks[choice.EXAMPLES :])
            self.assertFalse(examples & tests, one.name)
            self.assertGreaterEqual(min(looks), variant_count(one.scenes[0].things[0].thing_id))
            kind = all_things()[one.scenes[0].things[0].thing_id].kind
            held_out = len(fonts.HELD_OUT_DIGIT_FONTS) if kind == "digit" else garments.HELD_OUT_VARIANTS
            self.assertLess(max(looks), variant_count(one.scenes[0].things[0].thing_id) + held_out)

    def test_scenes_say_what_they_show(self) -> None:
        scenes = choice.some_scenes()
        about = choice.about(scenes[0])
        self.assertEqual(about["thing"], "fox")
        self.assertIsNone(choice.about(scenes[-1])["thing"])
        self.assertIn(f"fox on a {about['background']} background", str(about["caption"]))
        self.assertEqual([len(scene.things) for scene in scenes], [1] * 60 + [2] * 4)


class SheetTest(unittest.TestCase):
    def test_is_lossless_unless_told_otherwise(self) -> None:
        random = np.random.default_rng(1)
        pictures = [random.integers(0, 256, (128, 128, 3), dtype=np.uint8) for _ in range(3)]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "some.webp"
            sheet.write(pictures, 2, file, {"of": "noise"})
            drawn = np.asarray(Image.open(file).convert("RGB"))
            about = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        self.assertEqual(drawn.shape, (256, 256, 3))
        np.testing.assert_array_equal(drawn[128:, :128], pictures[2])
        self.assertEqual(about, {"side": 128, "columns": 2, "of": "noise"})


if __name__ == "__main__":
    unittest.main()
