"""A tiny random SDXL checkpoint unlike the usual ones: pictures four times as large as their latents, two levels."""

import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from golden_files import write_json
from tiny_checkpoint import BOS, EOS, randomise


def make(folder: Path, tokenizer: Path) -> StableDiffusionXLPipeline:
    """`tokenizer`: the folder of one to use for both text encoders, the first with another padding token."""
    shutil.copytree(tokenizer, folder / "tokenizer")
    shutil.copytree(tokenizer, folder / "tokenizer_2")
    special = {"bos_token": BOS, "eos_token": EOS, "unk_token": EOS, "pad_token": EOS}
    write_json(folder / "tokenizer/special_tokens_map.json", special)
    write_json(
        folder / "tokenizer/tokenizer_config.json",
        {"tokenizer_class": "CLIPTokenizer", "model_max_length": 24, "do_lower_case": True, **special},
    )
    tokenizers = [CLIPTokenizer.from_pretrained(folder / name) for name in ("tokenizer", "tokenizer_2")]
    torch.manual_seed(4)
    texts = {
        "vocab_size": len(tokenizers[0]),
        "intermediate_size": 24,
        "max_position_embeddings": 24,
        "bos_token_id": tokenizers[0].bos_token_id,
        "eos_token_id": tokenizers[0].eos_token_id,
    }
    text_encoder = CLIPTextModel(
        CLIPTextConfig(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, hidden_act="quick_gelu", **texts)
    )
    text_encoder_2 = CLIPTextModelWithProjection(
        CLIPTextConfig(
            hidden_size=12, num_hidden_layers=3, num_attention_heads=3, hidden_act="gelu", projection_dim=10, **texts
        )
    )
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 12),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        attention_head_dim=(2, 3),
        transformer_layers_per_block=(1, 2),
        cross_attention_dim=28,
        norm_num_groups=4,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=4,
        projection_class_embeddings_input_dim=10 + 6 * 4,
    )
    vae = AutoencoderKL(
        block_out_channels=(4, 4, 8),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        layers_per_block=1,
        norm_num_groups=2,
        scaling_factor=0.6,
    )
    for model in (text_encoder, text_encoder_2, unet, vae):
        randomise(model)
    pipe = StableDiffusionXLPipeline(
        vae=vae,
        text_encoder=text_encoder,
        text_encoder_2=text_encoder_2,
        tokenizer=tokenizers[0],
        tokenizer_2=tokenizers[1],
        unet=unet,
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", timestep_spacing="leading", steps_offset=1
        ),
        add_watermarker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    written = {name: _contents(folder / name) for name in ("tokenizer", "tokenizer_2")}
    pipe.save_pretrained(folder)
    # The files that every version of transformers reads, and only those.
    for name, files in written.items():
        for path in (folder / name).iterdir():
            path.unlink()
        for file, contents in files.items():
            (folder / name / file).write_bytes(contents)
    return pipe


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
