"""`npm run evaluate` calls this twice: `draw` says what is to be made, `figures` judges what was made of it."""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # a waiting thread must not burn a shared core

from configuration import TrainingError  # noqa: E402

# torch is imported when it is needed: a wrong argument is said at once.
PARTS = (
    "singles", "detail", "background", "pairs", "reconstructions", "autoencoder", "embedder", "discriminator", "best-of", "size",
    "speed", "judge", "sheet",
)  # fmt: skip


def _parts(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in PARTS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown) or 'nothing'}: there are {', '.join(PARTS)}")
    return [name for name in PARTS if name in names]


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text}: expected a number from 1 on")
    return int(text)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="npm run evaluate --", description=__doc__, usage="see npm run evaluate -- --help")
    commands = parser.add_subparsers(dest="command", required=True)
    draw = commands.add_parser("draw", usage=parser.usage)
    draw.add_argument("folder", type=Path)
    draw.add_argument("--only", type=_parts, default=list(PARTS))
    draw.add_argument("--count", type=_count)
    figures = commands.add_parser("figures", usage=parser.usage)
    figures.add_argument("folder", type=Path)
    figures.add_argument("--checkpoint", type=Path, required=True)
    arguments = parser.parse_args(argv)
    try:
        if arguments.command == "draw":
            from . import job, parts

            job.write(arguments.folder, {name: parts.NEEDS[name] for name in arguments.only}, arguments.count)
        else:
            from diffusers.utils import logging

            from . import report

            logging.set_verbosity_error()  # it advises a package that nothing here needs
            report.write(arguments.folder, arguments.checkpoint)
    except TrainingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
