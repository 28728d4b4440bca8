"""Train Darkroom's checkpoint: `python models/training <command>`, `--help` for the commands."""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # a waiting thread must not burn a shared core

import configuration  # noqa: E402
from configuration import Places  # noqa: E402


def _autoencoder(arguments: argparse.Namespace, places: Places) -> None:
    import autoencoder

    config = configuration.load(arguments.config)
    autoencoder.run(config["autoencoder"], places).train()


COMMANDS = {
    "autoencoder": (_autoencoder, "train the image autoencoder"),
}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python models/training", description=__doc__)
    parser.add_argument("--config", type=Path, default=configuration.TRAINING / "config.toml")
    parser.add_argument("--shipped", type=Path, default=configuration.SHIPPED, help="the checkpoint's folder")
    parser.add_argument("--work", type=Path, default=configuration.WORK, help="resumable state, latents, logs")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, text) in COMMANDS.items():
        commands.add_parser(name, help=text, description=text)
    arguments = parser.parse_args(argv)
    COMMANDS[arguments.command][0](arguments, Places(arguments.shipped, arguments.work))
    return 0


if __name__ == "__main__":
    sys.exit(main())
