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
    return config
