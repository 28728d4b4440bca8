import json
import shutil
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from configuration import SHIPPED, Places
from evaluation import __main__ as program
from evaluation import autoencoding, background, best_of, detail, intervals, job, parts, prompts, report, rows
from evaluation.crops import SIDE, ground_colour, thing_crops
from evaluation.judge import training, trust
from evaluation.judge.specimens import blur
from evaluation.judge.verdict import Judge
from tiny_config import tiny
from world import scenes
from world.palette import BACKGROUNDS
from world.scenes import Placed, Scene
from world.things import all_things, is_held_out


def _drawn(name: str, size: int, background: str = "white", centre: tuple[int, int] = (64, 64)) -> np.ndarray:
    thing_id = [thing.name for thing in all_things()].index(name)
    return scenes.render(Scene((Placed(thing_id, 0, "large", size, centre, (0, 0, 0)),), None, background))[0]


def _id(name: str) -> int:
    return [thing.name for thing in all_things()].index(name)


class Intervals(unittest.TestCase):
    def test_wilson_is_as_published(self):
        # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
        for right, count, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)):
            found = intervals.wilson(right, count)
            self.assertAlmostEqual(found[0], low, places=4)
            self.assertAlmostEqual(found[1], high, places=4)

    def test_the_interval_of_a_median_holds_it_as_often_as_it_says(self):
        random = np.random.default_rng(0)
        held = [low <= 0.5 <= high for low, high in (intervals.of_quantile(random.random(80), 0.5) for _ in range(500))]
        self.assertGreater(np.mean(held), 0.92)
        self.assertLess(np.mean(held), 0.99)

    def test_rows_say_whether_a_figure_is_good_enough(self):
        self.assertTrue(rows.share("", 95, 100, at_least=0.95).reached)
        self.assertFalse(rows.share("", 3, 100, at_most=0.02).reached)
        self.assertIsNone(rows.share("", 3, 100).reached)
        self.assertIn("| things | 100 | ≥ 95 % | 90.0 % (82.6 to 94.5) | no |", rows.table([rows.share("things", 90, 100, at_least=0.95).json()]))


class Prompts(unittest.TestCase):
    def test_every_thing_comes_once_before_any_comes_twice(self):
        ids = [asked.scene.things[0].thing_id for asked in prompts.singles(300)]
        self.assertEqual(len(set(ids[:177])), 177)
        self.assertEqual(len(set(ids[177:])), 123)

    def test_unseen_pairs_are_held_out_and_seen_ones_are_not(self):
        names = [thing.name for thing in all_things()]
        for draw, held_out in ((prompts.seen_pairs, False), (prompts.unseen_pairs, True)):
            for asked in draw(200):
                first, second = (names[placed.thing_id] for placed in asked.scene.things)
                self.assertEqual(is_held_out(first, second), held_out, asked)
                self.assertNotEqual(first, second)

    def test_a_prompt_says_all_that_is_measured(self):
        for asked in prompts.singles(177) + prompts.seen_pairs(100) + prompts.unseen_pairs(100):
            self.assertIn(asked.scene.background, asked.prompt)
            for vague in (" and ", " next to ", " beside "):
                self.assertNotIn(vague, asked.prompt)

    def test_no_seed_comes_twice_and_a_short_form_is_the_beginning_of_a_long_one(self):
        asked = prompts.singles(300) + prompts.seen_pairs(200) + prompts.unseen_pairs(200) + prompts.sheet(24)
        self.assertEqual(len({each.seed for each in asked}), len(asked))
        self.assertEqual(prompts.seen_pairs(10), prompts.seen_pairs(200)[:10])
        self.assertEqual(prompts.singles(10), prompts.singles(177)[:10])


class Measures(unittest.TestCase):
    def test_detail_of_renderings_falls_with_blur_as_documented(self):
        things = [i for i, thing in enumerate(all_things()) if thing.kind not in ("digit", "garment")][::11]
        # Longer sides between two of the sizes that are tried.
        drawn = [_drawn(all_things()[i].name, 85 if i % 2 else 98, list(BACKGROUNDS)[i % 8], (60, 66)) for i in things]
        medians = [np.median(detail.details([blur(p, b) if b else p for p in drawn], things)) for b in (0, 2, 3)]
        for found, documented in zip(medians, (0.84, 0.56, 0.34), strict=True):
            self.assertAlmostEqual(found, documented, delta=0.06)

    def test_detail_knows_a_thing_wherever_it_is_and_a_blob_as_nothing(self):
        pictures = [_drawn("owl", 92, "blue"), _drawn("owl", 46, "pink", (50, 78)), _drawn("number 4", 92)]
        ids = [_id("owl"), _id("owl"), _id("number 4")]
        # One comparison for all: renderings of everything are made once.
        found = detail.compare(pictures * 2, ids + [_id("cat")] * 3)
        for right in found[:3]:
            self.assertTrue(right.first)
            self.assertGreater(right.own, 0.85)
        self.assertEqual([wrong.rival for wrong in found[3:]], ids)
        self.assertFalse(any(wrong.first for wrong in found[3:]))
        self.assertLess(detail.details([blur(pictures[0], 6)], ids[:1])[0], 0.15)

    def test_backgrounds_are_told_apart(self):
        for name, colour in BACKGROUNDS.items():
            picture = _drawn("cat", 92, name)
            self.assertEqual(background.background(picture)[0], name)
            self.assertTrue(background.is_on(picture, name))
            self.assertFalse(background.is_on(picture, "red" if name != "red" else "blue"))
        self.assertFalse(background.is_on(np.clip(_drawn("cat", 92, "red") + np.uint8(40), 0, 255), "red"))

    def test_decibels_are_those_of_the_error(self):
        wanted = np.full((8, 8, 3), 100, dtype=np.uint8)
        made = wanted.copy()
        made[:4] += 10
        self.assertAlmostEqual(autoencoding._decibels(made, wanted), 10 * np.log10(255**2 / 50))
        where = np.zeros((8, 8), dtype=bool)
        where[:4] = True
        self.assertAlmostEqual(autoencoding._decibels(made, wanted, where), 10 * np.log10(255**2 / 100))

    def test_weights_and_work_are_those_of_the_shipped_folder(self):
        work, weight = parts._size(job.Made(Path(), SHIPPED))
        self.assertLess(weight.value, 48)
        self.assertGreater(weight.value, 20)
        self.assertGreater(work.value, 0.5)
        # Measured when the recipe was written: 2.6 GFLOP for these widths (shared notes), at two a multiply-add.
        config = json.loads((SHIPPED / "unet" / "config.json").read_text())
        config.update(block_out_channels=[128, 256], norm_num_groups=32, cross_attention_dim=192)
        self.assertAlmostEqual(parts._operations(config) / 1e9, 2.64, delta=0.02)


class Crops(unittest.TestCase):
    def test_a_thing_fills_its_crop_wherever_it_was(self):
        small, large = (thing_crops(_drawn("die", size, "green", at), None)[0] for size, at in ((46, (40, 80)), (92, (64, 64))))
        self.assertEqual(small.shape, (SIDE, SIDE, 3))
        self.assertLess(np.abs(small.astype(float) - large).mean(), 8)

    def test_two_things_are_cut_apart_in_order(self):
        for relation, centres in (("left", ((33, 64), (95, 64))), ("above", ((64, 33), (64, 95)))):
            placed = [Placed(_id(name), 0, "large", 58, at, (0, 0, 0)) for name, at in zip(("red apple", "frog"), centres, strict=True)]
            apple, frog = thing_crops(scenes.render(Scene(tuple(placed), relation, "white"))[0], relation)
            for crop, name in ((apple, "red apple"), (frog, "frog")):
                alone = thing_crops(_drawn(name, 58), None)[0]
                self.assertLess(np.abs(crop.astype(float) - alone).mean(), 8)

    def test_nothing_is_a_crop_too(self):
        blank = np.full((128, 128, 3), 90, dtype=np.uint8)
        self.assertEqual([crop.shape for crop in thing_crops(blank, "left")], [(SIDE, SIDE, 3)] * 2)
        self.assertEqual(ground_colour(blank).tolist(), [90, 90, 90])


class TheJudge(unittest.TestCase):
    def test_the_committed_judge_names_renderings_and_lets_little_else_pass(self):
        judge = Judge()
        self.assertGreaterEqual(trust.renderings(judge, 200), 196)
        self.assertLessEqual(trust.blurred(judge, 100), 5)
        self.assertLessEqual(trust.hybrids(judge, 100), 5)
        self.assertLessEqual(trust.bad_reconstructions(judge, training.load_autoencoder(Places())[0], 16), 1)

    def test_training_resumes_to_the_same_bytes_and_writes_weights_that_load(self):
        config = tiny()["judge"]
        with tempfile.TemporaryDirectory() as folder:
            weights = []
            places = Places(SHIPPED, Path(folder) / "killed")
            for stop in (8, None):
                run, batches = training.run(config, places)
                run.train(stop_at=stop)
            weights.append(torch.cat([tensor.flatten().float() for tensor in run.part.module.state_dict().values()]))
            # The same reconstructions: made by another number of threads they would differ in their last bits.
            places = Places(SHIPPED, Path(folder) / "whole")
            shutil.copytree(batches.reconstructions.folder, places.work / batches.reconstructions.folder.name)
            run, _ = training.run(config, places)
            run.train()
            weights.append(torch.cat([tensor.flatten().float() for tensor in run.part.module.state_dict().values()]))
            self.assertTrue(torch.equal(*weights))
            training.train(config, places, Path(folder) / "judge.safetensors")
            verdict = Judge(Path(folder) / "judge.safetensors").pictures([_drawn("cat", 92)], [None])[0][0]
            self.assertEqual(len(verdict.likely), 3)


class Areas(unittest.TestCase):
    def test_an_area_has_the_interval_of_hanley_and_mcneil(self):
        # By hand: A = 0.893, Q1 = 0.8067, Q2 = 0.8425, 51 positives and 58 negatives: a standard error of 0.0325.
        low, high = intervals.of_area(0.893, 51, 58)
        self.assertAlmostEqual((high - low) / 2 / intervals.Z, 0.0325, places=3)
        self.assertEqual(intervals.of_area(1.0, 10, 10), (1.0, 1.0))
        self.assertEqual(rows.area("x", 0.95, 30, 40, 0.9).shown[:5], "0.950")


class BestOf(unittest.TestCase):
    def test_mcnemar_is_the_exact_one(self):
        # By hand: 2 (66 + 12 + 1) / 2^12.
        self.assertAlmostEqual(best_of.mcnemar(10, 2), 0.03857, places=5)
        self.assertEqual(best_of.mcnemar(10, 2), best_of.mcnemar(2, 10))
        self.assertEqual((best_of.mcnemar(0, 0), best_of.mcnemar(3, 3)), (1.0, 1.0))

    def test_every_prompt_comes_with_seeds_of_its_own_and_few_steps(self):
        asked = prompts.best_of(3)
        self.assertEqual(len(asked), 3 * prompts.TRIES)
        self.assertEqual(len({each.seed for each in asked}), len(asked))
        self.assertEqual({each.steps for each in asked}, {prompts.BEST_STEPS})
        self.assertEqual(len({each.prompt for each in asked[: prompts.TRIES]}), 1)
        self.assertTrue(all(each.scene.relation for each in asked))


class Report(unittest.TestCase):
    def test_true_renderings_in_place_of_what_the_checkpoint_makes_get_full_marks(self):
        with tempfile.TemporaryDirectory() as name:
            folder, checkpoint = Path(name) / "job", Path(name) / "checkpoint"
            checkpoint.mkdir()
            (checkpoint / "progress.json").write_text('{"unet": {"samples_seen": 7}}')
            only = "singles,detail,background,pairs,reconstructions,autoencoder,embedder,discriminator,sheet,speed"
            self.assertEqual(program.main(["draw", str(folder), "--only", only, "--count", "4"]), 0)
            asked = json.loads((folder / "job.json").read_text())
            self.assertEqual([len(asked["pictures"]), asked["references"], len(asked["timed"])], [16, 8, 5])

            drawn = [scenes.render(each.scene)[0] for kind in asked["sets"] for each in job.asked(kind, 4)]
            results = {"checkpoint": "abc", "seconds": [1.5, 1.0, 3.0], "machine": {"processor": "x", "cores": 2, "load": 0.5}}
            results["pictures"] = self.write(folder / "pictures", drawn)
            results["reconstructions"] = self.write(folder / "reconstructions", drawn[:8])
            (folder / "results.json").write_text(json.dumps(results))
            self.assertEqual(program.main(["figures", str(folder), "--checkpoint", str(checkpoint)]), 0)

            figures = json.loads((checkpoint / "figures.json").read_text())
            measured = {row["what"]: row for found in figures["parts"].values() for row in found}
            for what, row in measured.items():
                self.assertIsNot(row["reached"], False, (what, row))
            self.assertIn("one thing: the judge names the thing asked for", measured)
            # There is neither an embedder nor a discriminator in the folder, and that is no error.
            self.assertEqual((figures["parts"]["embedder"], figures["parts"]["discriminator"]), ([], []))
            card = (checkpoint / "MODEL_CARD.md").read_text()
            self.assertIn("| one thing: the judge names the thing asked for | 4 | ≥ 95 % | 100.0 % (51.0 to 100.0) | yes |", card)
            self.assertIn("has seen 7 samples", card)
            self.assertEqual(Image.open(checkpoint / "samples.png").size, (768, 96))

            # Figures of the same weights stay, those of others go.
            program.main(["draw", str(folder), "--only", "background", "--count", "4"])
            results.update(pictures=results["pictures"][:4], reconstructions=[])
            for digest, kept in (("abc", len(figures["parts"])), ("def", 1)):
                (folder / "results.json").write_text(json.dumps({**results, "checkpoint": digest}))
                program.main(["figures", str(folder), "--checkpoint", str(checkpoint)])
                self.assertEqual(len(json.loads((checkpoint / "figures.json").read_text())["parts"]), kept)

    def write(self, folder: Path, pictures: list[np.ndarray]) -> list[str]:
        folder.mkdir(exist_ok=True)
        for i, picture in enumerate(pictures):
            Image.fromarray(picture).save(folder / f"{i}.png")
        return [f"{i}.png" for i in range(len(pictures))]

    def test_what_is_not_there_is_said(self):
        for wrong in (["--only", "singles,detal"], ["--count", "0"], ["--count", "many"]):
            with self.assertRaises(SystemExit), tempfile.TemporaryDirectory() as name:
                program.main(["draw", name, *wrong])
