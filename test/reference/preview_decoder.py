"""A tiny AutoencoderTiny beside the tiny checkpoint, and what it computes."""

from pathlib import Path

import torch
from diffusers import AutoencoderTiny

from golden_files import write_json, write_tensors
from tiny_checkpoint import randomise


@torch.no_grad()
def make(root: Path, checkpoint: str) -> None:
    torch.manual_seed(3)
    autoencoder = AutoencoderTiny(
        latent_channels=8,
        encoder_block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(6, 6, 6, 6),
        num_encoder_blocks=(1, 2, 1, 1),
        num_decoder_blocks=(2, 1, 1, 1),
    )
    randomise(autoencoder)
    autoencoder.save_pretrained(root / checkpoint / "preview_decoder")
    image = torch.rand([1, 3, 24, 40]) * 2 - 1
    # Some beyond what the decoder's tanh lets pass.
    latents = torch.randn([2, 8, 3, 4]) * 3
    tensors = {
        "enc0.image": image,
        "enc0.latents": autoencoder.encode(image).latents,
        "dec0.latents": latents,
        "dec0.image": autoencoder.decode(latents).sample,
    }
    folder = root / "components" / Path(checkpoint).name
    write_tensors(folder / "preview_decoder.safetensors", tensors)
    cases = [{"id": "enc0", "kind": "encode"}, {"id": "dec0", "kind": "decode"}]
    write_json(folder / "preview_decoder.json", {"checkpoint": f"{checkpoint}/preview_decoder", "cases": cases})
