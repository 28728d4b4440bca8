import tempfile
import unittest
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from transformers import CLIPTokenizer

import autoencoder
import stages
import text_encoder
from configuration import Places
from loop import StateMismatchError
from optimizer import orthogonalise
from tiny_config import tiny


def _weights(run):
    return torch.cat([p.detach().flatten() for p in run.part.module.parameters()])


class Optimizer(unittest.TestCase):
    def test_orthogonalise_brings_singular_values_near_one(self):
        torch.manual_seed(0)
        for shape in ((2, 16, 40), (3, 40, 16)):
            values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)))
            self.assertGreater(values.min(), 0.7)
            self.assertLess(values.max(), 1.3)


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
        run = stages.unet_run(self.config, places)
        run.train(stop_at=8)
        resumed = stages.unet_run(self.config, places)
        self.assertEqual(resumed.cursor, 8)
        resumed.train()
        run.train()
        self.assertTrue(torch.equal(_weights(run), _weights(resumed)))
        stages.write_denoiser(resumed, places)
        pipeline = StableDiffusionPipeline.from_pretrained(places.shipped, torch_dtype=torch.float32)
        pipeline.set_progress_bar_config(disable=True)
        pictures = pipeline("a cat", height=128, width=128, num_inference_steps=2).images
        self.assertEqual(pictures[0].size, (128, 128))

        self.config["autoencoder"]["seed"] += 1
        stages.train_autoencoder(self.config, Places(places.shipped, self.places("other").work))
        with self.assertRaises(StateMismatchError):
            stages.encode_latents(self.config, places)


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
