"""A tiny random checkpoint unlike the usual ones: 8 latent channels, v-prediction, a cut-down tokenizer of its own."""

from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from byte_pairs import byte_symbols, learn_merges
from golden_files import write_json

BOS, EOS = "<|startoftext|>", "<|endoftext|>"
TEXT = """a red fox and a green bird on a white background; two cats under the moon, a big yellow sun over the sea.
the cat's house isn't far, they're at the lake: we'll see it, I'm sure. 35mm photo, highly detailed, 4k!"""


def make(folder: Path) -> StableDiffusionPipeline:
    vocabulary = write_tokenizer(folder / "tokenizer")
    torch.manual_seed(0)
    text_encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=16,
            intermediate_size=40,
            num_hidden_layers=3,
            num_attention_heads=2,
            max_position_embeddings=24,
            hidden_act="gelu",
            bos_token_id=vocabulary - 2,
            eos_token_id=vocabulary - 1,
            pad_token_id=vocabulary - 1,
        )
    )
    unet = UNet2DConditionModel(
        sample_size=8,
        in_channels=8,
        out_channels=8,
        block_out_channels=(8, 12, 16),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        attention_head_dim=(2, 3, 4),
        transformer_layers_per_block=(1, 1, 2),
        cross_attention_dim=16,
        norm_num_groups=4,
        use_linear_projection=True,
    )
    vae = AutoencoderKL(
        latent_channels=8,
        block_out_channels=(4, 4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=2,
        scaling_factor=0.7,
    )
    for model in (text_encoder, unet, vae):
        randomise(model)
    scheduler = DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    pipe = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        unet=unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(folder)
    # The files that every version of transformers reads, and only those.
    for path in (folder / "tokenizer").iterdir():
        path.unlink()
    write_tokenizer(folder / "tokenizer")
    # diffusers' clip_skip asks for `text_model`, which transformers 5 merged into the encoder. Past torch's own
    # registration: a module cannot be its own child.
    object.__setattr__(text_encoder, "text_model", text_encoder)
    return pipe


def randomise(model: torch.nn.Module) -> None:
    """Weights of a size that keeps activations alive, so that a wrong epsilon, bias or activation shows."""
    for name, parameter in model.named_parameters():
        with torch.no_grad():
            if parameter.dim() > 1:
                parameter.normal_(0, parameter[0].numel() ** -0.5)
            elif name.endswith("bias"):
                parameter.normal_(0, 0.1)
            else:
                parameter.normal_(1, 0.2)
    model.eval()


def write_tokenizer(folder: Path, pad: str = "!", length: int = 24) -> int:
    """Learn a few merges from TEXT and write the four files of a CLIPTokenizer; the size of the vocabulary."""
    merges = learn_merges(TEXT, 90)
    symbols = byte_symbols()
    endings = [symbol + "</w>" for symbol in symbols]
    words = list(dict.fromkeys([*symbols, *endings, *(a + b for a, b in merges), BOS, EOS]))
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "vocab.json", {word: i for i, word in enumerate(words)})
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8")
    special = {"bos_token": BOS, "eos_token": EOS, "unk_token": EOS, "pad_token": pad}
    write_json(folder / "special_tokens_map.json", special)
    write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "CLIPTokenizer", "model_max_length": length, "do_lower_case": True, **special},
    )
    return len(words)
