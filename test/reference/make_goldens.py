"""Make a small set of reference numbers with diffusers and transformers, in the layout of test/goldens/README.md.

    python test/reference/make_goldens.py FOLDER

Everything is random weights and made-up cases: what counts is that diffusers and PyTorch computed the numbers.
"""

import sys
from pathlib import Path

import torch

import components
import pipelines
import random_draws
import schedulers
import tiny_checkpoint
import tokens

CHECKPOINT = "checkpoints/v-tiny"


def main() -> None:
    root = Path(sys.argv[1])
    # One thread, and the plain attention: the numbers must not depend on the machine more than they have to.
    torch.set_num_threads(1)
    pipe = tiny_checkpoint.make(root / CHECKPOINT)
    tokens.make(root, f"{CHECKPOINT}/tokenizer")
    random_draws.make(root)
    schedulers.make(root)
    components.make(root, CHECKPOINT, pipe)
    pipelines.make(root, CHECKPOINT, pipe)


if __name__ == "__main__":
    main()
