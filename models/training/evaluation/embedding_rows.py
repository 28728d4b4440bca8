"""How well the embedder brings scenes and texts together."""

from configuration import Places
from embedding import measures

from . import rows
from .job import Made
from .rows import Row


def measure(made: Made) -> list[Row]:
    """Raises MissingPartError where the checkpoint has no embedder."""
    found = measures.figures(Places(shipped=made.checkpoint))
    return [
        rows.share(
            "caption → scene among 100 in 25 groups of four that differ in sides, background or size only: top 1",
            *found["caption_to_scene_in_groups"], at_least=0.85,
        ),
        rows.share("among 100 random ones", *found["caption_to_scene_at_random"], at_least=0.95),
        rows.share(
            "digits and garments by encoding alone, held-out fonts and variants: nearest label of their kind",
            *found["looks_among_their_kind"], at_least=0.90,
        ),
        rows.share("nearest of all labels", *found["looks_among_all"]),
    ]  # fmt: skip
