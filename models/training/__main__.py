"""Train Darkroom's checkpoint: `python models/training <command>`, `--help` for the commands."""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # a waiting thread must not burn a shared core

import configuration  # noqa: E402
from configuration import Places, TrainingError  # noqa: E402

# Each command imports what it needs when it runs: `--help` must not wait for torch.


_BEGIN = ("train_autoencoder", "warm_up_text", "train_unet")  # stages that can begin from scratch


def _stage(name: str):
    def command(arguments: argparse.Namespace, places: Places) -> None:
        import stages

        choice = {"from_scratch": arguments.from_scratch} if name in _BEGIN else {}
        getattr(stages, name)(configuration.load(arguments.config), places, **choice)

    return command


def _decoder(arguments: argparse.Namespace, places: Places) -> None:
    from decoding.stage import train_decoder

    train_decoder(configuration.load(arguments.config), places, arguments.from_scratch)


def _embedder(arguments: argparse.Namespace, places: Places) -> None:
    from embedding.stage import train_embedder

    train_embedder(configuration.load(arguments.config), places, arguments.from_scratch)


def _discriminator(arguments: argparse.Namespace, places: Places) -> None:
    from discrimination.stage import train_discriminator

    train_discriminator(configuration.load(arguments.config), places, arguments.from_scratch)


def _preview(arguments: argparse.Namespace, places: Places) -> None:
    from preview.stage import fit_preview

    fit_preview(configuration.load(arguments.config), places)


def _judge(arguments: argparse.Namespace, places: Places) -> None:
    from evaluation.judge import training

    training.train(configuration.load(arguments.config)["judge"], places)


def _all(arguments: argparse.Namespace, places: Places) -> None:
    for name in ("write_description", "train_autoencoder", "warm_up_text", "encode_latents", "train_unet"):
        _stage(name)(arguments, places)
    _decoder(arguments, places)
    _preview(arguments, places)
    _embedder(arguments, places)
    _discriminator(arguments, places)
    print(
        "All parts are trained. How good they are, `npm run evaluate` says, and writes the model card; `npm run outliers`\n"
        "measures what the autoencoder makes of held-out scenes, without which its checkpoint calls nothing an outlier."
    )


COMMANDS = {
    "describe": (_stage("write_description"), "write configs, tokenizer and vocabulary"),
    "autoencoder": (_stage("train_autoencoder"), "train the image autoencoder and export it"),
    "text": (_stage("warm_up_text"), "warm-start the text encoder on captions"),
    "latents": (_stage("encode_latents"), "encode scenes with the exported autoencoder"),
    "unet": (_stage("train_unet"), "train UNet and text encoder on the latents and export them"),
    "decoder": (_decoder, "train the decoder alone, on encodings and on what the UNet draws, and export it"),
    "preview": (_preview, "fit the small pictures of latents on their way to stored latents, and export them"),
    "embedder": (_embedder, "train the embedder on latents and the exported text encoder, and export it"),
    "discriminator": (_discriminator, "train the discriminator on scenes and bad pictures, and export it"),
    "export": (_stage("export_unfinished"), "export UNet and text encoder as far as they have come"),
    "judge": (_judge, "train the classifier that the evaluation asks; its weights are committed, so nobody needs to"),
    "all": (_all, "everything, in order; what is done is not done again"),
}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python models/training", description=__doc__)
    parser.add_argument("--config", type=Path, default=configuration.TRAINING / "config.toml")
    parser.add_argument("--shipped", type=Path, default=configuration.SHIPPED, help="the checkpoint's folder")
    parser.add_argument("--work", type=Path, default=configuration.WORK, help="resumable state, latents, figures")
    parser.add_argument(
        "--from-scratch", action="store_true", help="where there is no saved state, don't go on from the shipped weights"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, text) in COMMANDS.items():
        commands.add_parser(name, help=text, description=text)
    arguments = parser.parse_args(argv)
    try:
        COMMANDS[arguments.command][0](arguments, Places(arguments.shipped, arguments.work))
    except TrainingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
