"""Token ids, where transformers' slow tokenizer and its Rust one agree."""

from pathlib import Path

from transformers import CLIPTokenizer

from golden_files import write_json

TEXTS = [
    "",
    "a",
    "a red fox on a white background",
    "A Red FOX",
    "two cats, a bird and the moon",
    "it's the cat's house; they're here, we'll see, I'm sure, isn't it",
    "highly detailed 35mm photo, 4k, f/1.8",
    "wow!!! a fox!",
    "(masterpiece:1.2), [other], {third}",
    "  leading,   inner\tand\ntrailing  ",
    "caf\u00e9 cafe\u0301 na\u00efve \u00c5ngstr\u00f6m",
    "\u043f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440",
    "cat \U0001f431 dog \U0001f436",
    "hello <|endoftext|> world",
    "<|startoftext|>a photo",
    "x" * 60,
    "the quick brown fox jumps over the lazy dog while we are looking at the sea and the sun over the lake",
]


def make(root: Path, tokenizer_files: str) -> None:
    tokenizer = CLIPTokenizer.from_pretrained(root / tokenizer_files)
    length = tokenizer.model_max_length
    cases = []
    for number, text in enumerate(TEXTS):
        padded = tokenizer(text, padding="max_length", max_length=length, truncation=True)
        cases.append(
            {"id": number, "text": text, "ids": tokenizer(text).input_ids, f"padded{length}": padded.input_ids}
        )
    write_json(root / "tokenizer/goldens.json", {"tokenizer_files": tokenizer_files, "cases": cases})
