"""The image autoencoder: what it is, its loss, and its training on crops of scenes."""

from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

import optimizer
from configuration import Places, TrainingError
from lanes import Lanes
from loop import Part, Run, step_generator
from machine import placed
from world import scenes


def build(config: dict[str, Any]) -> AutoencoderKL:
    """An untrained autoencoder: [batch, 3, h, w] in -1..1 <-> latents [batch, latent_channels, h/8, w/8]."""
    torch.manual_seed(config["seed"])
    blocks = len(config["block_out_channels"])
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * blocks,
        up_block_types=("UpDecoderBlock2D",) * blocks,
        block_out_channels=tuple(config["block_out_channels"]),
        layers_per_block=config["layers_per_block"],
        latent_channels=config["latent_channels"],
        norm_num_groups=config["norm_num_groups"],
        sample_size=scenes.SIZE,
    )


def to_tensor(pictures: np.ndarray) -> Tensor:
    """uint8 [batch, h, w, 3] to float32 [batch, 3, h, w] in -1..1."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0).contiguous()


def to_pictures(tensor: Tensor) -> np.ndarray:
    """float32 [batch, 3, h, w] in -1..1 to uint8 [batch, h, w, 3], clamped and rounded."""
    scaled = (tensor.float() * 127.5 + 127.5).round().clamp(0, 255)
    return scaled.to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()


def _corner(random: np.random.Generator, mask: np.ndarray, crop: int, centred: bool) -> tuple[int, int]:
    """(top, left) of a crop, centred on a random object pixel as far as the border allows, or anywhere."""
    room = scenes.SIZE - crop
    if centred:
        rows, columns = np.nonzero(mask > 127)
        if len(rows):
            pick = int(random.integers(len(rows)))
            top, left = int(rows[pick]) - crop // 2, int(columns[pick]) - crop // 2
            return min(max(top, 0), room), min(max(left, 0), room)
    return int(random.integers(room + 1)), int(random.integers(room + 1))


def batch(config: dict[str, Any], cursor: int, count: int, crop: int) -> tuple[Tensor, Tensor]:
    """Crops number `cursor`.. of training: pictures [count, 3, crop, crop] and masks [count, 1, crop, crop] in 0..1."""
    pictures = np.empty((count, crop, crop, 3), dtype=np.uint8)
    masks = np.empty((count, crop, crop), dtype=np.uint8)
    for i in range(count):
        random = scenes.scene_random(scenes.TRAINING_SEED, cursor + i)
        picture, mask = scenes.render(scenes.describe(random, config["pair_share"], config["small_share"]))
        top, left = _corner(random, mask, crop, random.random() < config["centred_share"])
        where = (slice(top, top + crop), slice(left, left + crop))
        pictures[i], masks[i] = picture[where], mask[where]
    return to_tensor(pictures), torch.from_numpy(masks).float().div_(255.0).unsqueeze(1)


def _edges(x: Tensor) -> tuple[Tensor, Tensor]:
    return x[..., :, 1:] - x[..., :, :-1], x[..., 1:, :] - x[..., :-1, :]


def picture_loss(output: Tensor, target: Tensor, mask: Tensor, config: dict) -> Tensor:
    """Object-weighted L1 of the pixels and L1 of the picture's gradients."""
    error = output - target
    pixels = (error.abs() * (1 + config["object_weight"] * mask)).mean()
    across, down = _edges(error)
    return pixels + config["gradient_weight"] * (across.abs().mean() + down.abs().mean())


def loss(output: Tensor, target: Tensor, mask: Tensor, mean: Tensor, log_variance: Tensor, config: dict) -> Tensor:
    """The picture's loss, and a weak pull of the posterior towards N(0, 1)."""
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
    return picture_loss(output, target, mask, config) + config["kl_weight"] * divergence


def _forward(model: AutoencoderKL, pictures: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    moments = model.quant_conv(model.encoder(pictures))
    mean, log_variance = moments.chunk(2, dim=1)
    log_variance = log_variance.clamp(-30.0, 20.0)
    sample = mean + (0.5 * log_variance).exp() * noise
    return model.decoder(model.post_quant_conv(sample)), mean, log_variance


def run(config: dict[str, Any], places: Places) -> Run:
    """The autoencoder in training: crops first, whole pictures for the last `whole_share` of the samples."""
    model = build(config)
    optimizers = optimizer.build(
        [model], config["muon_learning_rate"], config["adam_learning_rate"], ("conv_in", "conv_out", "quant_conv")
    )
    lanes = Lanes(config["lanes"])
    whole_from = config["samples"] * (1 - config["whole_share"])

    def step(cursor: int) -> float:
        whole = cursor >= whole_from
        side = scenes.SIZE if whole else config["crop"]
        # A whole picture is four crops' worth of work and counts as that many samples.
        count = max(lanes.count, config["batch"] * config["crop"] ** 2 // side**2)
        pictures, masks = batch(config, cursor, count, side)
        shape = (count, config["latent_channels"], side // 8, side // 8)
        noise = torch.randn(shape, generator=step_generator(config["seed"], cursor))
        pictures, masks, noise = placed(pictures, masks, noise)

        def lane_loss(lane: int) -> Tensor:
            mine = slice(lane, None, lanes.count)
            output, mean, log_variance = _forward(model, pictures[mine], noise[mine])
            return loss(output, pictures[mine], masks[mine], mean, log_variance, config)

        return lanes.backward(model, lane_loss)

    part = Part.of(
        config,
        name="autoencoder",
        module=model,
        optimizers=optimizers,
        step=step,
        identity={"architecture": [*config["block_out_channels"], config["latent_channels"]]},
    )
    return Run(part, places.work)


def measure_scaling(model: AutoencoderKL, dead_share: float, count: int = 200) -> float:
    """1 / standard deviation of the posterior means over `count` scenes; raises if a channel has died."""
    model.eval()
    means, deviations = [], []
    for first in range(0, count, 20):
        pictures = [scenes.render(scenes.scene(scenes.TRAINING_SEED, first + i, 0.4))[0] for i in range(20)]
        with torch.inference_mode():
            posterior = model.encode(to_tensor(np.stack(pictures))).latent_dist
        means.append(posterior.mean)
        deviations.append(posterior.std)
    mean, deviation = torch.cat(means), torch.cat(deviations)
    share = deviation.mean((0, 2, 3)) / mean.std((0, 2, 3))
    print("posterior deviation / latent deviation by channel:", [round(x, 3) for x in share.tolist()], flush=True)
    if share.max() > dead_share:
        raise TrainingError(f"a latent channel has died (its noise exceeds {dead_share} of its signal): lower kl_weight")
    return round(1.0 / mean.std().item(), 5)
