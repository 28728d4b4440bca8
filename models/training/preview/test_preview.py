import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

import autoencoder
import export
import stages
from configuration import Places
from latents import SHARD, LatentStore, encoder_digest
from loop import StateMismatchError
from preview.linear import LinearPreview, fit, neighbourhoods, reduced
from preview.stage import fit_preview
from tiny_config import tiny


def _linear(random: np.random.Generator, pixels: int) -> LinearPreview:
    """One of any numbers, whose pictures of normal latents stay within 0..255."""
    weight = random.normal(0, 3, (pixels * pixels * 3, 2, 3, 3)).astype(np.float32)
    return LinearPreview(pixels, weight, random.uniform(110, 140, len(weight)).astype(np.float32))


class Linear(unittest.TestCase):
    def test_around_a_cell_are_its_neighbours_and_beyond_the_border_the_edge(self):
        latents = np.arange(12.0).reshape(1, 1, 3, 4)
        near = neighbourhoods(latents, 3)
        self.assertEqual(near.shape, (12, 10))
        self.assertEqual(near[0].tolist(), [0, 0, 1, 0, 0, 1, 4, 4, 5, 1])
        self.assertEqual(near[6].tolist(), [1, 2, 3, 5, 6, 7, 9, 10, 11, 1])

    def test_a_smaller_picture_is_the_mean_of_the_larger(self):
        picture = np.arange(48, dtype=np.uint8).reshape(1, 4, 4, 3)
        self.assertEqual(reduced(picture, 2)[0, 0, 1].tolist(), picture[0, :2, 2:].mean((0, 1)).tolist())

    def test_what_is_linear_is_found_again(self):
        random = np.random.default_rng(3)
        latents = random.standard_normal((40, 2, 8, 6)).astype(np.float32)
        for pixels in (1, 2, 4):
            true = _linear(random, pixels)
            pictures = true.pictures(latents).repeat(4 // pixels, 1).repeat(4 // pixels, 2)
            found = fit([(latents[:20], pictures[:20]), (latents[20:], pictures[20:])], 3, [pixels], 1e-9)[pixels]
            # The pictures were rounded to bytes.
            np.testing.assert_allclose(found.weight, true.weight, atol=0.1)
            np.testing.assert_allclose(found.bias, true.bias, atol=0.1)


class Stage(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.config = tiny()
        self.config["preview"].update(scenes=60, held_out=3, compared=[1, 4])
        self.places = Places(Path(folder.name) / "shipped", Path(folder.name) / "work")
        self.write_autoencoder(1)
        store = LatentStore(self.places, self.digest(), self.config["latents"]["pair_share"])
        latents = np.random.default_rng(0).standard_normal((SHARD, 8, 16, 16)).astype(np.float16)
        np.save(store.folder / "shard-00000.npy", latents)

    def write_autoencoder(self, seed: int) -> None:
        vae = autoencoder.build({**self.config["autoencoder"], "seed": seed})
        export.write_autoencoder(vae, 0.5, self.places.shipped)

    def digest(self) -> str:
        return encoder_digest(stages.load_autoencoder(self.places)[0])

    def fit(self) -> list[str]:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            fit_preview(self.config, self.places)
        return said.getvalue().splitlines()

    def test_a_preview_is_written_and_measured_beside_others(self):
        lines = self.fit()
        sides = [line.split(",")[0] for line in lines]
        self.assertEqual(sides, ["preview of 16 x 16", "preview of 32 x 32", "preview of 64 x 64"])
        config = json.loads((self.places.shipped / "preview" / "config.json").read_text())
        self.assertEqual(config, {
            "_class_name": "LinearPreview", "latent_channels": 8, "kernel_size": 3, "pixels_per_cell": 2,
            "image_encoder": self.digest(),
        })  # fmt: skip
        weights = load_file(self.places.shipped / "preview" / "model.safetensors")
        shapes = {name: (tensor.dtype.name, tensor.shape) for name, tensor in weights.items()}
        self.assertEqual(shapes, {"weight": ("float32", (12, 8, 3, 3)), "bias": ("float32", (12,))})

    def test_it_is_the_same_bytes_again(self):
        self.fit()
        files = sorted((self.places.shipped / "preview").iterdir())
        before = [file.read_bytes() for file in files]
        self.fit()
        self.assertEqual([file.read_bytes() for file in files], before)

    def test_latents_of_another_encoder_are_refused(self):
        self.write_autoencoder(2)
        with self.assertRaisesRegex(StateMismatchError, "latents/ are of another encoder"):
            self.fit()
        self.assertFalse((self.places.shipped / "preview").exists())

    def test_too_few_latents_are_refused(self):
        self.config["preview"]["scenes"] = SHARD + 1
        with self.assertRaisesRegex(StateMismatchError, "501 latents are wanted, 500 are there"):
            self.fit()


if __name__ == "__main__":
    unittest.main()
