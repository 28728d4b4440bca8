"""Configs of tiny models, drawn at random: what Stable Diffusion's families may have, and now and then what they have not."""

import random
from math import gcd
from typing import Any

Config = dict[str, Any]

# Of models that are no Stable Diffusion 1, 2 or XL: to be refused by name.
FOREIGN_UNETS: list[Config] = [
    {"act_fn": "gelu"},
    {"act_fn": "mish"},
    {"resnet_time_scale_shift": "scale_shift"},
    {"only_cross_attention": True},
    {"dual_cross_attention": True},
    {"center_input_sample": True},
    {"mid_block_only_cross_attention": True, "only_cross_attention": False},
    {"class_embed_type": "timestep"},
    {"num_class_embeds": 7},
    {"time_embedding_type": "fourier"},
    {"time_embedding_act_fn": "silu"},
    {"timestep_post_act": "silu"},
    {"time_cond_proj_dim": 8},
    {"conv_in_kernel": 1},
    {"conv_out_kernel": 1},
    {"mid_block_scale_factor": 1.5},
    {"resnet_skip_time_act": True},
    {"resnet_out_scale_factor": 2.0},
    {"encoder_hid_dim": 12, "encoder_hid_dim_type": "text_proj"},
    {"attention_type": "gated"},
    {"cross_attention_norm": "layer_norm"},
    {"norm_num_groups": None},
]
FOREIGN_VAES: list[Config] = [{"act_fn": "relu"}, {"act_fn": "gelu"}]
FOREIGN_TEXT_ENCODERS: list[Config] = [{"hidden_act": "relu"}, {"hidden_act": "gelu_new"}]


def unet(dice: random.Random, channels: int, context: int, pooled: int | None) -> Config:
    """`channels` of the latents, `context` the width of the embeddings, `pooled` that of the text as one vector."""
    levels = dice.randint(1, 3)
    groups = dice.choice([1, 2, 3, 4, 5])
    heads = [dice.choice([1, 2, 3, 4]) for _ in range(levels)]
    # A norm of few numbers is all sign and no size: an error of a rounding would turn it over.
    widths = [_multiple(dice, 4 * groups, count, 16) for count in heads]
    down = [dice.choice(["CrossAttnDownBlock2D", "DownBlock2D"]) for _ in range(levels)]
    mirrored = [name.replace("Down", "Up") for name in reversed(down)]
    config: Config = {
        "sample_size": dice.choice([8, 16]),
        "in_channels": channels,
        "out_channels": channels,
        "block_out_channels": widths,
        "down_block_types": down,
        "up_block_types": mirrored if dice.random() < 0.7 else [_up(dice) for _ in range(levels)],
        "layers_per_block": dice.choice([1, 2, [dice.choice([1, 2, 3]) for _ in range(levels)]]),
        "attention_head_dim": heads if dice.random() < 0.7 else _common(widths),
        "transformer_layers_per_block": dice.choice([1, 2, [dice.choice([1, 2, 3]) for _ in range(levels)]]),
        "cross_attention_dim": context,
        "norm_num_groups": groups,
    }
    config |= _some(
        dice,
        {
            "use_linear_projection": [True, False],
            "flip_sin_to_cos": [False],
            "freq_shift": [1],
            "downsample_padding": [0],
            "norm_eps": [1e-6, 1e-3],
            "act_fn": ["swish", "silu"],
            "mid_block_type": ["UNetMidBlock2DCrossAttn", "UNetMidBlock2D", None],
            "only_cross_attention": [False, [False] * levels],
            "upcast_attention": [True],
            "dropout": [0.1],
        },
    )
    if pooled is not None:
        frequencies = dice.choice([4, 6, 8])
        config |= {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": frequencies,
            "projection_class_embeddings_input_dim": pooled + 6 * frequencies,
        }
    return config


def vae(dice: random.Random, channels: int) -> Config:
    levels = dice.randint(1, 4)
    groups = dice.choice([1, 2, 3, 4])
    config: Config = {
        "latent_channels": channels,
        "block_out_channels": [groups * dice.randint(2, 5) for _ in range(levels)],
        "down_block_types": ["DownEncoderBlock2D"] * levels,
        "up_block_types": ["UpDecoderBlock2D"] * levels,
        "layers_per_block": dice.randint(1, 3),
        "norm_num_groups": groups,
    }
    statistics = {
        "latents_mean": [[dice.uniform(-1, 1) for _ in range(channels)]],
        "latents_std": [[dice.uniform(0.5, 2) for _ in range(channels)]],
    }
    return config | _some(
        dice,
        {
            "scaling_factor": [0.13025, 0.5, 1.3],
            "shift_factor": [0.1],
            "mid_block_add_attention": [False],
            "use_quant_conv": [False],
            "use_post_quant_conv": [False],
            "force_upcast": [False],
            "act_fn": ["silu"],
            "sample_size": [64, 1024],
            # diffusers' pipelines look at them as if there were four channels always.
            **(statistics if channels == 4 else {}),
        },
    )


def text_encoder(dice: random.Random, vocabulary: int, end: int) -> Config:
    """`end`: id of the token that ends a text."""
    heads = dice.choice([1, 2, 3, 4])
    return {
        "vocab_size": vocabulary,
        "hidden_size": heads * dice.randint(6, 10),
        "intermediate_size": dice.randint(8, 30),
        "num_hidden_layers": dice.randint(2, 4),
        "num_attention_heads": heads,
        "max_position_embeddings": dice.choice([24, 30, 77]),
        "hidden_act": dice.choice(["gelu", "quick_gelu"]),
        "layer_norm_eps": dice.choice([1e-5, 1e-5, 1e-3]),
        "bos_token_id": vocabulary - 2,
        # 2 stands in old configs, and means the highest id there is.
        "eos_token_id": dice.choice([end, end, 2]),
        "pad_token_id": vocabulary - 1,
        "projection_dim": dice.randint(6, 20),
    }


def _some(dice: random.Random, options: dict[str, list[Any]]) -> Config:
    return {key: dice.choice(values) for key, values in options.items() if dice.random() < 0.3}


def _up(dice: random.Random) -> str:
    return dice.choice(["CrossAttnUpBlock2D", "UpBlock2D"])


def _multiple(dice: random.Random, a: int, b: int, most: int) -> int:
    """A small number that both divide."""
    least = a * b // gcd(a, b)
    return least * dice.randint(1, max(1, most // least))


def _common(widths: list[int]) -> int:
    """A number of heads that fits all levels."""
    return max(heads for heads in (1, 2, 3, 4) if all(width % heads == 0 for width in widths))
