"""A configuration small enough to run every part of training in a test."""

from typing import Any

import configuration


def tiny() -> dict[str, dict[str, Any]]:
    """The real configuration with the smallest models and batches; every run is five steps."""
    config = configuration.load()
    rates = {"batch": 4, "samples": 20, "warmup_samples": 4}
    config["autoencoder"].update(rates, block_out_channels=[8, 8, 8, 8], crop=32, dead_channel_share=100.0)
    config["tokenizer"].update(captions=200, max_vocabulary=600)
    config["text_encoder"].update(rates, width=48, layers=1, heads=2)
    config["latents"].update(scenes=500, batch=50)
    config["unet"].update(rates, block_out_channels=[8, 16], heads=2, norm_num_groups=4, primer_samples=8, text_samples=16)
    config["decoder"].update(rates, redrawn=30)
    config["embedder"].update(rates, batch=8, samples=40, block_out_channels=[8, 8], hidden_size=8, groups=4)
    config["discriminator"].update(
        rates, batch=20, samples=100, block_out_channels=[8, 8], plain_blocks=1, hidden_size=4, reconstructions=20,
        generated=[["", 1, 12]], calibration=10,
    )  # fmt: skip
    config["judge"].update(rates, widths=[8, 8, 8, 8], reconstructions=8, hybrids=10)
    return config
