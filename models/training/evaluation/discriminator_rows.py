"""How well the discriminator tells what is like the data from what is not, and right pictures from wrong ones."""

import numpy as np

import configuration
from configuration import Places
from discrimination import generated, measures

from . import naming, rows
from .job import Made
from .judge.verdict import Judge
from .rows import Row

_CERTAIN = 0.98  # wanted against what is no picture of the world
_CLOSE = 0.90  # and against the outputs of those that try
_FULL = 300
_FEW_STEPS = 4  # of its own pictures, those of no more steps are bad for certain


def measure(made: Made, judge: Judge) -> list[Row]:
    """Raises MissingPartError where the checkpoint has no discriminator."""
    places = Places(shipped=made.checkpoint)
    discriminator, count = measures.load_judge(places), made.count or _FULL
    drawn, reconstructed = measures.like_data(places, max(1, count // 2))
    like = discriminator.scores(drawn + reconstructed)

    def against(kinds: dict[str, list[np.ndarray]], wanted: float) -> list[Row]:
        return [
            rows.area(
                f"discriminator, AUC for held-out scenes and reconstructions against {kind}",
                measures.auc(like, discriminator.scores(pictures)), len(like), len(pictures), wanted,
            )
            for kind, pictures in kinds.items()
        ]  # fmt: skip

    found = against(measures.unlike_data(count), _CERTAIN)
    found += against(_badly_generated(places, count), _CLOSE)
    return [*found, *_of_generations(made, judge, discriminator, reconstructed)]


def _badly_generated(places: Places, count: int) -> dict[str, list[np.ndarray]]:
    """Outputs of early checkpoints and of few steps; what this checkpoint draws at its best is not bad for certain."""
    config = configuration.load()
    at_its_best = {each.name for each in generated.sources(config["discriminator"]) if not each.revision and each.steps > _FEW_STEPS}
    pictures = measures.badly_generated(places, config, max(1, count // 4))
    return {f"checkpoint {name}": part for name, part in pictures.items() if name not in at_its_best}


def _of_generations(made: Made, judge: Judge, discriminator: measures.Judge, reconstructed: list[np.ndarray]) -> list[Row]:
    right, pictures = [], []
    for name in ("singles", "seen", "unseen"):
        of_set = made.pictures(name)
        right += naming.right_of(judge, made.asked(name), of_set, made.folder / f"scored-{name}.png")
        pictures += of_set
    scores, is_right = discriminator.scores(pictures), np.array(right)
    found = [rows.share("`real` on reconstructions", *discriminator.real(reconstructed), at_least=0.95)]
    if not is_right.any():
        return found
    good = int((scores[is_right] >= discriminator.threshold).sum())
    found.append(rows.share("`real` on generations that the judge finds right", good, int(is_right.sum()), at_least=0.60))
    if is_right.all():
        return found
    value = measures.auc(scores[is_right], scores[~is_right])
    number = int(is_right.sum())
    return [*found, rows.area("its score, right generations against wrong ones: AUC", value, number, len(right) - number, 0.70)]
