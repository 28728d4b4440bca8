import tempfile
import unittest
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from outliers import __main__ as program
from world import scenes


def tiles(picture: np.ndarray) -> list[bytes]:
    return sorted(picture[y : y + 16, x : x + 16].tobytes() for y in range(0, 128, 16) for x in range(0, 128, 16))


class OutliersTest(unittest.TestCase):
    def test_shuffled_tiles_are_the_same_in_another_order(self) -> None:
        picture = scenes.render(scenes.scene(scenes.EVALUATION_SEED, 5, 1.0))[0]
        moved = program.shuffled(picture, scenes.scene_random(1, 1))
        self.assertFalse((moved == picture).all())
        self.assertEqual(tiles(moved), tiles(picture))

    def test_sets_are_written_as_pictures_and_share_none(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            pictures = []
            for what, names in (("held-out", 1), ("to-tell", 5)):
                file = Path(folder) / "new" / f"{what}.safetensors"
                self.assertEqual(program.main([what, str(file), "--count", "4"]), 0)
                drawn = load_file(file)
                self.assertEqual(len(drawn), names)
                for stack in drawn.values():
                    self.assertEqual((stack.shape, stack.dtype), ((4, 128, 128, 3), np.uint8))
                    pictures += [picture.tobytes() for picture in stack]
            self.assertEqual(len(set(pictures)), len(pictures))

    def test_held_out_scenes_show_one_thing_and_two_in_turns(self) -> None:
        drawn = [scenes.scene(scenes.EVALUATION_SEED, program._HELD_OUT + i, float(i % 2)) for i in range(4)]
        self.assertEqual([len(scene.things) for scene in drawn], [1, 2, 1, 2])
        self.assertTrue((program.held_out()["held out"](1) == scenes.render(drawn[1])[0]).all())


if __name__ == "__main__":
    unittest.main()
