"""What is said about a scene, in the forms people type, and the list of every phrase taught."""

import numpy as np

from .palette import BACKGROUNDS
from .scenes import Placed, Scene
from .things import Thing, all_things

# Said without an article. Plurals and masses; "number 3" and "digit 3" are recognised by their kind.
_NO_ARTICLE = {
    "trouser", "trousers", "pants", "jeans", "bread", "cheese", "cherries", "corn", "maize", "grapes", "popcorn",
    "fire", "lightning bolt", "lightning", "sunshine", "sunglasses", "shades", "dark glasses", "coffee", "dice",
}  # fmt: skip
_A_DESPITE_SPELLING = ("unicorn", "ufo", "european")

SIZE_WORDS = {"small": ("small", "tiny", "little"), "large": ("large", "big", "huge")}
LEFT_WORDS = ("left of", "to the left of", "and", "next to", "beside")
RIGHT_WORDS = ("right of", "to the right of")
ABOVE_WORDS = ("above", "over", "on top of")
BELOW_WORDS = ("below", "under", "beneath")
MEDIUM_WORDS = ("a picture of", "an emoji of", "an image of", "a drawing of")

SYNONYM_SHARE = 0.3
LARGE_SAID_SHARE = 0.15  # small things are always called small, so that "a cat" means a large one
BACKGROUND_UNSAID_SHARE = 0.1


def _with_article(words: str, thing: Thing) -> str:
    if thing.kind == "digit" or any(words == bare or words.endswith(" " + bare) for bare in _NO_ARTICLE):
        return words
    vowel = words[0].lower() in "aeiou" and not words.lower().startswith(_A_DESPITE_SPELLING)
    return f"an {words}" if vowel else f"a {words}"


def _article(words: str, thing: Thing, random: np.random.Generator) -> str:
    """Mostly the right article, now and then "the", none, or a superfluous "a"."""
    roll = random.random()
    if roll < 0.04:
        return f"the {words}"
    if roll < 0.12:
        return words
    if roll < 0.15:
        return f"a {words}"
    return _with_article(words, thing)


def _noun(placed: Placed, random: np.random.Generator) -> str:
    """A thing with its article and, if said, its size."""
    thing = all_things()[placed.thing_id]
    name = thing.name
    if thing.synonyms and random.random() < SYNONYM_SHARE:
        name = thing.synonyms[int(random.integers(len(thing.synonyms)))]
    if placed.size_name == "small" or random.random() < LARGE_SAID_SHARE:
        words = SIZE_WORDS[placed.size_name]
        name = f"{words[0 if random.random() < 0.7 else int(random.integers(len(words)))]} {name}"
    return _article(name, thing, random)


def plain_subject(scene: Scene) -> str:
    """The canonical names in the plainest words: "a cat", "grapes", "a small bell above a key"."""
    nouns = []
    for placed in scene.things:
        thing = all_things()[placed.thing_id]
        small = placed.size_name == "small"
        nouns.append(_with_article(f"small {thing.name}" if small else thing.name, thing))
    words = {None: "", "left": " left of ", "above": " above "}[scene.relation]
    return words.join(nouns)


def plain_caption(scene: Scene) -> str:
    """The plainest caption: "a cat on a blue background", "a small bell above a key on a pink background"."""
    return f"{plain_subject(scene)} on a {scene.background} background"


def _pick(words: tuple[str, ...], random: np.random.Generator) -> str:
    return words[int(random.integers(len(words)))]


def _subject(scene: Scene, random: np.random.Generator) -> str:
    if scene.relation is None:
        return _noun(scene.things[0], random)
    first, second = (_noun(placed, random) for placed in scene.things)
    turned = random.random() < 0.3
    if scene.relation == "left":
        if turned:
            return f"{second} {_pick(RIGHT_WORDS, random)} {first}"
        words = _pick(LEFT_WORDS[:3], random) if random.random() < 0.9 else _pick(LEFT_WORDS[3:], random)
        return f"{first} {words} {second}"
    if turned:
        return f"{second} {_pick(BELOW_WORDS, random) if random.random() < 0.4 else BELOW_WORDS[0]} {first}"
    return f"{first} {_pick(ABOVE_WORDS, random) if random.random() < 0.4 else ABOVE_WORDS[0]} {second}"


def caption(scene: Scene, random: np.random.Generator) -> str:
    """One of the many captions of a scene."""
    subject = _subject(scene, random)
    roll = random.random()
    if random.random() < 0.04:
        subject = f"{_pick(MEDIUM_WORDS, random)} {subject}"
    if roll < BACKGROUND_UNSAID_SHARE:
        return subject
    ground = f"{scene.background} background"
    if roll < 0.6:
        return f"{subject} on a {ground}"
    if roll < 0.72:
        return f"{subject}, {ground}"
    if roll < 0.84:
        return f"{ground}, {subject}"
    if roll < 0.9:
        return f"{subject} on {scene.background}"
    if roll < 0.95:
        return f"{subject} with a {ground}"
    return f"{subject} in front of a {ground}"


def says_background(scene: Scene, text: str) -> bool:
    """Whether this caption of the scene tells its background."""
    return f"{scene.background} background" in text or text.endswith(f" on {scene.background}")


def vocabulary() -> dict[str, object]:
    """Every phrase that captions can hold, for prompt checkers: {"version", "entries": [{phrase, kind, also}]}."""

    def entry(phrase: str, kind: str, also: tuple[str, ...] = ()) -> dict[str, object]:
        return {"phrase": phrase, "kind": kind, "also": list(also)}

    entries = [entry(thing.name, thing.kind, thing.synonyms) for thing in all_things()]
    entries += [entry(colour, "colour") for colour in BACKGROUNDS]
    entries += [entry(words[0], "size", words[1:]) for words in SIZE_WORDS.values()]
    entries += [
        entry("left of", "relation", ("to the left of", "next to", "beside")),
        entry("right of", "relation", RIGHT_WORDS[1:]),
        entry("above", "relation", ABOVE_WORDS[1:]),
        entry("below", "relation", BELOW_WORDS[1:]),
    ]
    entries += [entry(word, "filler") for word in ("background", "a", "an", "the", "and", "on", "with", "of")]
    entries += [entry(word, "filler") for word in ("in front of", "picture", "emoji", "image", "drawing")]
    return {"version": 1, "entries": entries}
