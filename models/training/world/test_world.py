import unittest

import numpy as np

from world import captions, scenes
from world.things import all_things, is_held_out


class Things(unittest.TestCase):
    def test_every_row_is_a_thing_of_its_own(self):
        names = [thing.name for thing in all_things()]
        self.assertEqual(len(names), 177)
        self.assertEqual(len(set(names)), 177)

    def test_held_out_pairs_do_not_depend_on_order_and_are_about_a_tenth(self):
        names = [thing.name for thing in all_things()]
        held = [is_held_out(a, b) for i, a in enumerate(names) for b in names[:i]]
        self.assertAlmostEqual(sum(held) / len(held), 26 / 256, delta=0.01)
        self.assertTrue(all(is_held_out(a, b) == is_held_out(b, a) for a in names[:20] for b in names[20:40]))


class Scenes(unittest.TestCase):
    def test_a_scene_is_a_function_of_seed_and_index(self):
        for index in range(20):
            one, two = (scenes.scene(1, index, 0.5) for _ in range(2))
            self.assertEqual(one, two)
            for a, b in zip(scenes.render(one), scenes.render(two), strict=True):
                np.testing.assert_array_equal(a, b)
        self.assertNotEqual([scenes.scene(1, i, 0.5) for i in range(9)], [scenes.scene(2, i, 0.5) for i in range(9)])

    def test_no_held_out_pair_is_ever_drawn(self):
        things = all_things()
        for index in range(3000):
            scene = scenes.scene(1, index, 1.0)
            first, second = (things[placed.thing_id].name for placed in scene.things)
            self.assertFalse(is_held_out(first, second), (first, second))

    def test_the_mask_says_where_things_are(self):
        scene = scenes.scene(1, 0, 0.0)
        picture, mask = scenes.render(scene)
        self.assertEqual((picture.shape, mask.shape), ((128, 128, 3), (128, 128)))
        self.assertTrue((picture[mask == 0] == picture[0, 0]).all())
        self.assertGreater((mask > 127).sum(), 300)

    def test_every_thing_can_be_drawn(self):
        for thing_id in range(len(all_things())):
            placed = scenes.Placed(thing_id, 0, "large", 92, (64, 64), (0, 0, 0))
            _, mask = scenes.render(scenes.Scene((placed,), None, "white"))
            self.assertGreater((mask > 127).sum(), 500, all_things()[thing_id].name)


class Captions(unittest.TestCase):
    def test_every_word_of_a_caption_is_in_the_vocabulary(self):
        known = set()
        for entry in captions.vocabulary()["entries"]:
            for phrase in (entry["phrase"], *entry["also"]):
                known.update(phrase.lower().split())
        for index in range(3000):
            random = scenes.scene_random(1, index)
            text = captions.caption(scenes.describe(random, 0.5), random)
            self.assertLessEqual(set(text.lower().replace(",", "").split()), known, text)
