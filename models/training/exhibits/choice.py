"""What is on the sheets: scenes of the evaluation's seed, so none that training has seen."""

from dataclasses import dataclass, replace

from world import captions, fonts, garments, scenes
from world.palette import BACKGROUNDS
from world.scenes import Scene
from world.sprites import variant_count
from world.things import all_things

# Numbers of scenes beyond those that measures ask for.
_LOOKS, _SCENES = 21_000_000, 22_000_000
EXAMPLES, TESTS = 10, 20  # of each class
# Of the looks that training never drew, so many are learnt from; the others are tested with.
_FONTS_TO_LEARN, _VARIANTS_TO_LEARN = 2, 3
_THINGS = (
    "fox", "panda", "parrot", "whale", "sunflower", "cactus", "strawberry", "pizza", "Japanese castle", "rocket", "guitar",
    "ghost",
)  # fmt: skip
_TIMES, _PAIRS = 5, 4


@dataclass(frozen=True)
class Class:
    """A digit or a garment: first the examples to learn from, then those to test with, in other looks."""

    name: str
    scenes: list[Scene]


def digits_and_garments() -> list[Class]:
    """In fonts and variants that training never drew."""
    found = []
    for thing_id, thing in enumerate(all_things()):
        if thing.kind == "digit":
            looks, to_learn = len(fonts.HELD_OUT_DIGIT_FONTS), _FONTS_TO_LEARN
        elif thing.kind == "garment":
            looks, to_learn = garments.HELD_OUT_VARIANTS, _VARIANTS_TO_LEARN
        else:
            continue
        examples = [_in_a_look(thing_id, i, 0, to_learn) for i in range(EXAMPLES)]
        tests = [_in_a_look(thing_id, EXAMPLES + i, to_learn, looks) for i in range(TESTS)]
        found.append(Class(thing.name, examples + tests))
    return found


def _in_a_look(thing_id: int, number: int, first: int, end: int) -> Scene:
    """One of the looks from `first` to before `end` among those that training never drew."""
    random = scenes.scene_random(scenes.EVALUATION_SEED, _LOOKS + thing_id * 1_000 + number)
    background = list(BACKGROUNDS)[int(random.integers(len(BACKGROUNDS)))]
    scene = scenes.single(random, thing_id, background, small_share=0.2)
    variant = variant_count(thing_id) + int(random.integers(first, end))
    return replace(scene, things=(replace(scene.things[0], variant=variant),))


def some_scenes() -> list[Scene]:
    """A dozen things, each on five backgrounds, and four scenes of two things."""
    names = [thing.name for thing in all_things()]
    found = []
    for i, name in enumerate(_THINGS):
        random = scenes.scene_random(scenes.EVALUATION_SEED, _SCENES + i)
        for background in random.choice(list(BACKGROUNDS), _TIMES, replace=False).tolist():
            found.append(scenes.single(random, names.index(name), background, small_share=0.2))
    first_pair = _SCENES + 1_000
    return found + [scenes.scene(scenes.EVALUATION_SEED, first_pair + i, pair_share=1.0) for i in range(_PAIRS)]


def about(scene: Scene) -> dict[str, object]:
    """What it shows: in a sentence, by its thing's name where there is one thing, and on which background."""
    names = [all_things()[placed.thing_id].name for placed in scene.things]
    thing = names[0] if len(names) == 1 else None
    return {"caption": captions.plain_caption(scene), "thing": thing, "background": scene.background}
