"""Make reference numbers of random configs with diffusers and transformers, in the layout of test/goldens/README.md.

    python test/reference/random_goldens.py FOLDER SEED COUNT

Unlike make_goldens.py, this asks for what nobody chose: `npm run goldens` over several seeds finds what is wrong or
refused for no reason. Options that diffusers refuses are refused here too, by name.
"""

import sys
from pathlib import Path

import diffusers
import torch
import transformers

import random_checkpoints
import random_schedulers


def main() -> None:
    root, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(1)
    # What diffusers advises against is asked for on purpose.
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
    random_schedulers.make(root, seed, count)
    random_checkpoints.make(root, seed, max(1, count // 10))


if __name__ == "__main__":
    main()
