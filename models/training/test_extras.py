"""Embedder and discriminator beside a checkpoint that was exported without having learnt anything."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

import autoencoder
import diffusion
import export
import shipped
import stages
import text_encoder
from configuration import Places
from decoding.stage import decoder_run, train_decoder
from discrimination import corruptions, foreign, noise
from discrimination.closeness import closeness
from discrimination.stage import discriminator_run, train_discriminator
from embedding import measures
from embedding.batches import UNSAID, describe, scene_facts, swapped, true_of
from embedding.groups import GroupStore, pair_group, single_group, training_group
from embedding.stage import embedder_run, train_embedder
from latents import SHARD, LatentStore, encoder_digest
from loop import StateMismatchError
from tiny_config import tiny
from world import captions, scenes


def _weights(run):
    return torch.cat([p.detach().flatten() for p in run.part.module.parameters()])


class Checkpoint(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.config, self.root = tiny(), Path(folder.name)
        self.places = Places(self.root / "shipped", self.root / "work")
        words = stages.load_tokenizer(self.config, self.places)
        vae = autoencoder.build(self.config["autoencoder"])
        self.write_text_encoder(0)
        export.write_autoencoder(vae, 1.0, self.places.shipped)
        export.write_unet(diffusion.build_unet(self.config["unet"], 8, 48), self.places.shipped)
        export.write_description(diffusion.build_scheduler(), self.places.shipped)
        self.words = words
        self.write_latents(self.places)

    def write_text_encoder(self, seed: int) -> None:
        words = stages.load_tokenizer(self.config, self.places)
        encoder = text_encoder.build({**self.config["text_encoder"], "seed": seed}, words)
        export.write_text_encoder(encoder, self.places.shipped)

    def write_latents(self, places: Places) -> None:
        """Stores of any numbers: what counts here is not what they show."""
        digest = encoder_digest(stages.load_autoencoder(places)[0])
        stores = [LatentStore(places, digest, self.config["latents"]["pair_share"]), LatentStore(places, digest, None)]
        for store, size in zip((*stores, GroupStore(places, digest)), (500, scenes.primer_size(), 500), strict=True):
            for shard in range(-(-size // SHARD)):
                latents = np.random.default_rng(shard).standard_normal((SHARD, 8, 16, 16)).astype(np.float16)
                np.save(store.folder / f"shard-{shard:05d}.npy", latents)

    def killed_and_whole(self, make):
        other = Places(self.places.shipped, self.root / "other")
        self.write_latents(other)
        first = make(self.places)
        first.train(stop_at=first.part.batch * 2)
        killed, whole = make(self.places), make(other)
        self.assertEqual(killed.cursor, first.part.batch * 2)
        killed.train()
        whole.train()
        self.assertTrue(torch.equal(_weights(killed), _weights(whole)))

    def test_decoder_resumes_to_the_same_bytes(self):
        self.killed_and_whole(lambda places: decoder_run(self.config, places))

    def test_decoder_is_exported_beside_an_encoder_that_has_not_changed(self):
        model, scaling = stages.load_autoencoder(self.places)
        digest, before = encoder_digest(model), model.decoder.conv_in.weight.clone()
        train_decoder(self.config, self.places)
        model, after = stages.load_autoencoder(self.places)
        self.assertEqual((encoder_digest(model), after), (digest, scaling))
        self.assertFalse(torch.equal(model.decoder.conv_in.weight, before))
        self.assertEqual(shipped.read_progress(self.places)["decoder"]["samples_seen"], 20)
        new = Places(self.places.shipped, self.root / "new")
        self.write_latents(new)
        self.assertEqual(decoder_run(self.config, new).cursor, 20)  # goes on from the exported weights
        self.assertEqual(decoder_run(self.config, new, from_scratch=True).cursor, 0)

    def test_an_autoencoder_that_is_exported_is_not_written_over_its_decoder(self):
        places = Places(self.root / "shipped", self.root / "anew")
        self.write_latents(places)
        stages.train_autoencoder(self.config, places)  # leaves its state in the folder of work
        self.write_latents(places := Places(self.root / "shipped", self.root / "latents"))
        train_decoder(self.config, places)
        weights = (self.places.shipped / "vae" / "diffusion_pytorch_model.safetensors").read_bytes()
        stages.train_autoencoder(self.config, Places(self.root / "shipped", self.root / "anew"))
        self.assertEqual((self.places.shipped / "vae" / "diffusion_pytorch_model.safetensors").read_bytes(), weights)
        more = {**self.config, "autoencoder": {**self.config["autoencoder"], "samples": 24}}
        stages.train_autoencoder(more, Places(self.root / "shipped", self.root / "anew"))
        self.assertNotIn("decoder", shipped.read_progress(self.places))

    def test_embedder_resumes_to_the_same_bytes(self):
        self.killed_and_whole(lambda places: embedder_run(self.config, places))

    def test_discriminator_resumes_to_the_same_bytes(self):
        self.killed_and_whole(lambda places: discriminator_run(self.config, places))

    def test_embedder_belongs_to_one_text_encoder(self):
        run = embedder_run(self.config, self.places)
        run.train(stop_at=8)
        train_embedder(self.config, self.places)
        config = json.loads((self.places.shipped / "embedder" / "config.json").read_text())
        entry = shipped.read_progress(self.places)["embedder"]
        self.assertEqual((config["text_encoder"], config["image_encoder"]), (entry["text_encoder"], entry["image_encoder"]))
        self.assertEqual(entry["samples_seen"], 40)
        encoders = measures.load_encoders(self.places)
        lengths = encoders.texts(["a cat", ""]).norm(dim=1)
        torch.testing.assert_close(lengths, torch.ones(2))

        new = Places(self.places.shipped, self.root / "new")
        self.write_latents(new)
        self.assertEqual(embedder_run(self.config, new).cursor, 40)  # goes on from the exported weights

        self.write_text_encoder(1)
        with self.assertRaisesRegex(StateMismatchError, "another text_encoder"):
            embedder_run(self.config, self.places)
        with self.assertRaisesRegex(StateMismatchError, "another text encoder"):
            measures.load_encoders(self.places)
        self.assertEqual(embedder_run(self.config, new).cursor, 0)

    def test_discriminator_is_exported_with_its_threshold(self):
        train_discriminator(self.config, self.places)
        config = json.loads((self.places.shipped / "discriminator" / "config.json").read_text())
        self.assertTrue(0 < config["threshold"] <= 0.5)
        new = Places(self.places.shipped, self.root / "new")
        self.write_latents(new)
        self.assertEqual(discriminator_run(self.config, new).cursor, 100)


class Facts(unittest.TestCase):
    def test_a_caption_is_true_of_its_scene_and_of_those_it_cannot_tell_apart(self):
        random = scenes.scene_random(9, 0)
        group = pair_group(random)
        seen = np.array([scene_facts(scene) for scene in group])
        self.assertTrue((true_of(seen, seen) == np.eye(4, dtype=bool)).all())
        untold = seen.copy()
        untold[:, 4] = UNSAID  # without backgrounds the first and the third cannot be told apart
        self.assertEqual(true_of(untold, seen)[0].tolist(), [True, False, True, False])

    def test_a_bare_name_is_true_wherever_the_thing_is(self):
        random = scenes.scene_random(9, 1)
        singles = single_group(random, 5)
        text, told = describe(singles[0], random, label_share=1.0)
        self.assertNotIn("background", text)
        pair = next(group[0] for group in map(lambda i: pair_group(scenes.scene_random(9, i)), range(9999))
                    if 5 in [placed.thing_id for placed in group[0].things])  # fmt: skip
        other = single_group(random, 6)[0]
        seen = np.array([scene_facts(scene) for scene in (*singles, pair, other)])
        self.assertEqual(true_of(np.array([told]), seen)[0].tolist(), [True] * 5 + [False])

    def test_swapping_a_pair_twice_is_nothing(self):
        scene = pair_group(scenes.scene_random(9, 2))[0]
        latent = np.random.default_rng(0).standard_normal((8, 16, 16))
        once = swapped(scene, latent)
        self.assertEqual([p.thing_id for p in once[0].things], [p.thing_id for p in scene.things][::-1])
        twice = swapped(*once)
        self.assertEqual(twice[0], scene)
        np.testing.assert_array_equal(twice[1], latent)

    def test_groups_differ_in_sides_background_or_size_only(self):
        for number in range(30):
            group = training_group(number)
            self.assertEqual(len({captions.plain_caption(scene) for scene in group}), 4)
            self.assertEqual(len({frozenset(placed.thing_id for placed in scene.things) for scene in group}), 1)


class Unlike(unittest.TestCase):
    def test_every_kind_draws_a_picture_that_depends_on_its_random_numbers(self):
        scene = scenes.render(scenes.scene(1, 3, 0.0))[0]
        kinds = [*noise.KINDS, *foreign.KINDS, *foreign.HELD_OUT_KINDS]
        draw = [*kinds, *(lambda r, k=k: k(scene, r) for k in (*corruptions.KINDS, *corruptions.HELD_OUT_KINDS))]
        for kind in draw:
            pictures = [np.asarray(kind(scenes.scene_random(4, i % 6))) for i in range(12)]
            for picture in pictures:
                self.assertEqual((picture.shape, picture.dtype), ((128, 128, 3), np.uint8))
            self.assertTrue(all((a == b).all() for a, b in zip(pictures[:6], pictures[6:], strict=True)))
            self.assertTrue(any((a != pictures[0]).any() for a in pictures[1:]))

    def test_closeness_is_high_for_renderings_and_falls_with_blur(self):
        for index in (0, 1, 4):
            for share in (0.0, 1.0):
                scene = scenes.scene(11, index, share)
                picture = scenes.render(scene)[0]
                random = scenes.scene_random(4, index)
                others = [corruptions.melted(picture, random), corruptions.blur(picture, random)]
                whole, *worse = closeness([picture, *others], [scene] * 3).tolist()
                self.assertGreater(whole, 0.5)
                self.assertLess(max(worse), whole - 0.1)


if __name__ == "__main__":
    unittest.main()
