import contextlib
import io
import runpy
import shutil
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch
from diffusers import StableDiffusionPipeline
from transformers import CLIPTokenizer

import autoencoder
import shipped
import stages
import text_encoder
from configuration import TRAINING, Places
from loop import StateMismatchError
from optimizer import orthogonalise, rate_fraction
from tiny_config import tiny

command_line = runpy.run_path(str(TRAINING / "__main__.py"), run_name="command_line")["main"]


def _weights(run):
    return torch.cat([p.detach().flatten() for p in run.part.module.parameters()])


class Optimizer(unittest.TestCase):
    def test_orthogonalise_brings_singular_values_near_one(self):
        torch.manual_seed(0)
        for shape in ((2, 16, 40), (3, 40, 16)):
            values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)))
            self.assertGreater(values.min(), 0.7)
            self.assertLess(values.max(), 1.3)


    def test_a_run_that_goes_on_warms_up_where_it_began(self):
        rates = [rate_fraction(seen, 1000, 100, 0.5, 300) for seen in (300, 349, 450, 750)]
        self.assertEqual(rates, [0.01, 0.5, 1.0, 0.5])


class Parts(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.config = tiny()

    def places(self, name: str) -> Places:
        return Places(Path(self.folder.name) / name / "shipped", Path(self.folder.name) / name / "work")

    def killed_and_whole(self, make):
        """A run stopped and begun again, and one left alone, from the same start."""
        first = make(self.places("killed"))
        first.train(stop_at=8)
        killed, whole = make(self.places("killed")), make(self.places("whole"))
        self.assertEqual(killed.cursor, 8)
        killed.train()
        whole.train()
        return killed, whole

    def test_autoencoder_resumes_to_the_same_bytes(self):
        killed, whole = self.killed_and_whole(lambda places: autoencoder.run(self.config["autoencoder"], places))
        self.assertTrue(torch.equal(_weights(killed), _weights(whole)))
        self.assertTrue(torch.equal(killed.average.values["decoder.conv_in.weight"], whole.average.values["decoder.conv_in.weight"]))

    def test_where_bf16_is_fast_a_part_learns_in_it(self):
        losses = []
        for bf16 in (False, True):
            run = autoencoder.run(self.config["autoencoder"], self.places(f"bf16-{bf16}"))
            with mock.patch("machine.has_fast_bf16", return_value=bf16):
                losses.append(run.part.step(0))
            dtypes = {parameter.grad.dtype for parameter in run.part.module.parameters() if parameter.grad is not None}
            self.assertEqual(dtypes, {torch.float32})
        self.assertNotEqual(*losses)
        self.assertAlmostEqual(*losses, delta=0.02 * losses[0])

    def test_text_encoder_resumes_to_the_same_bytes(self):
        words = stages.load_tokenizer(self.config, self.places("words"))
        killed, whole = self.killed_and_whole(
            lambda places: text_encoder.warm_start(self.config["text_encoder"], places, words)
        )
        self.assertTrue(torch.equal(_weights(killed), _weights(whole)))

    def test_the_whole_chain_gives_a_folder_that_diffusers_loads(self):
        places = self.places("chain")
        stages.train_autoencoder(self.config, places)
        stages.encode_latents(self.config, places)
        stages.write_description(self.config, places)
        run, _ = stages.unet_run(self.config, places)
        run.train(stop_at=8)
        resumed, warm_start = stages.unet_run(self.config, places)
        self.assertEqual(resumed.cursor, 8)
        resumed.train()
        run.train()
        self.assertTrue(torch.equal(_weights(run), _weights(resumed)))
        for name, value in run.part.module.text_encoder.named_parameters():
            self.assertTrue(torch.equal(value, run.average.values[f"text_encoder.{name}"]), name)  # frozen at 16 of 20
        stages.write_denoiser(resumed, warm_start, places)
        pipeline = StableDiffusionPipeline.from_pretrained(places.shipped, torch_dtype=torch.float32)
        pipeline.set_progress_bar_config(disable=True)
        pictures = pipeline("a cat", height=128, width=128, num_inference_steps=2).images
        self.assertEqual(pictures[0].size, (128, 128))

        self.new_machine(places)

        self.config["autoencoder"]["seed"] += 1
        other = Places(places.shipped, self.places("other").work)
        stages.train_autoencoder(self.config, other, from_scratch=True)
        with self.assertRaises(StateMismatchError):
            stages.encode_latents(self.config, places)
        with self.assertRaisesRegex(StateMismatchError, "encoder"):
            stages.unet_run(self.config, self.without_state(places, "another", latents=False))

    def without_state(self, places: Places, name: str, latents: bool = True) -> Places:
        """The same shipped folder on a machine without saved state; with the latents, to save time, or empty ones."""
        work = self.places(name).work
        for folder in ("latents", "latents-primer"):
            if latents:
                shutil.copytree(places.work / folder, work / folder)
        return Places(places.shipped, work)

    def new_machine(self, places: Places):
        """All parts are done and exported to `places`; what does a machine do that has the repository only?"""
        progress = shipped.read_progress(places)
        self.assertEqual([progress[part]["samples_seen"] for part in ("autoencoder", "text-encoder", "unet")], [20] * 3)
        before = {file: file.read_bytes() for file in places.shipped.rglob("*.safetensors")}
        new = self.without_state(places, "new")
        stages.train_autoencoder(self.config, new)
        self.config["unet"]["samples"] = 40
        run, warm_start = stages.unet_run(self.config, new)
        self.assertFalse(warm_start.file.exists())
        self.assertEqual((run.cursor, run.begun_at, run.average.updates), (20, 20, 5))
        stages.write_denoiser(run, warm_start, new)
        self.assertEqual(before, {file: file.read_bytes() for file in places.shipped.rglob("*.safetensors")})
        self.assertEqual(shipped.read_progress(new), {**progress, "unet": {**progress["unet"], "samples_planned": 40}})

        run, warm_start = stages.unet_run(self.config, new)
        run.train(stop_at=24)
        resumed, _ = stages.unet_run(self.config, new)
        self.assertEqual((resumed.cursor, resumed.begun_at), (24, 20))

        for part, key, value in (("unet", "block_out_channels", [8, 12]), ("unet", "heads", 1), ("text_encoder", "width", 32)):
            config = tiny()
            config[part][key] = value
            fresh = self.without_state(places, f"{part}-{key}")
            with self.assertRaisesRegex(StateMismatchError, "^the shipped .* start anew with --from-scratch$"):
                stages.unet_run(config, fresh)
        scratch, _ = stages.unet_run(config, fresh, from_scratch=True)
        self.assertEqual(scratch.cursor, 0)
        self.assertEqual(before, {file: file.read_bytes() for file in places.shipped.rglob("*.safetensors")})


class CommandLine(unittest.TestCase):
    def calls(self, *arguments: str) -> list:
        """What a command calls, in order, with every stage replaced."""
        calls = mock.Mock()
        extras = {f"{name}.stage": getattr(calls, name) for name in ("decoding", "preview", "embedding", "discrimination")}
        with mock.patch.dict(sys.modules, {**extras, "stages": calls.stages}):
            self.assertEqual(command_line(list(arguments)), 0)
        return calls.mock_calls

    def test_all_runs_every_part_in_order(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            names = [name.split(".")[1] for name, _, _ in self.calls("--from-scratch", "all")]
        parts = ["write_description", "train_autoencoder", "warm_up_text", "encode_latents", "train_unet"]
        self.assertEqual(names, [*parts, "train_decoder", "fit_preview", "train_embedder", "train_discriminator"])
        self.assertIn("npm run evaluate", said.getvalue())

    def test_a_mismatch_is_one_line(self):
        with mock.patch.object(stages, "warm_up_text", side_effect=StateMismatchError("no")):
            with contextlib.redirect_stderr(io.StringIO()) as said:
                self.assertEqual(command_line(["text"]), 1)
        self.assertEqual(said.getvalue(), "error: no\n")


class Tokenizer(unittest.TestCase):
    def test_any_text_encodes_and_the_ends_are_the_highest_ids(self):
        with tempfile.TemporaryDirectory() as folder:
            words = stages.load_tokenizer(tiny(), Places(Path(folder), Path(folder)))
            self.assertIsInstance(words, CLIPTokenizer)
            self.assertEqual((words.bos_token_id, words.eos_token_id), (len(words) - 2, len(words) - 1))
            for text in ("", "A Cat", "猫 🐱 Ünïcode\u0000", "a_b 12'll"):
                ids = words(text).input_ids
                self.assertEqual((ids[0], ids[-1]), (words.bos_token_id, words.eos_token_id))
                self.assertNotIn(words.eos_token_id, ids[1:-1])
