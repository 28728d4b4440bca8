"""The fonts the world is drawn with, found among the system's fonts by file name."""

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from configuration import TrainingError

FONT_ROOT = Path("/usr/share/fonts")
EMOJI_FONT = "NotoColorEmoji.ttf"
EMOJI_PIXELS = 109  # the one size of the font's bitmaps (136 x 128)

DIGIT_FONTS: tuple[str, ...] = (
    "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSansMono-Bold.ttf",
    "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", "LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf",
    "LiberationMono-Bold.ttf", "LiberationSansNarrow-Bold.ttf", "FreeSans.ttf", "FreeSansBold.ttf", "FreeSerif.ttf",
    "FreeSerifBold.ttf", "FreeMonoBold.ttf", "Lato-Regular.ttf", "Lato-Bold.ttf", "Lato-Black.ttf",
    "OpenSans-Regular.ttf", "OpenSans-Bold.ttf", "OpenSans-ExtraBold.ttf", "C059-Bold.otf", "P052-Bold.otf",
    "URWGothic-Demi.otf", "URWBookman-Demi.otf", "Cantarell-Bold.otf", "Comfortaa-Bold.ttf",
)  # fmt: skip
HELD_OUT_DIGIT_FONTS: tuple[str, ...] = (
    "Inconsolata.otf", "NimbusSans-Bold.otf", "NimbusRoman-Regular.otf", "OpenSans-Semibold.ttf", "Lato-Heavy.ttf",
)  # fmt: skip

_PACKAGES = {
    "NotoColorEmoji": "fonts-noto-color-emoji", "DejaVu": "fonts-dejavu", "Liberation": "fonts-liberation",
    "Free": "fonts-freefont-ttf", "Lato": "fonts-lato", "OpenSans": "fonts-open-sans", "Cantarell": "fonts-cantarell",
    "Comfortaa": "fonts-comfortaa", "Inconsolata": "fonts-inconsolata",
}  # fmt: skip


class MissingFontError(TrainingError):
    """A font file is not installed; the message names the Debian package that holds it."""


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    return {p.name: p for p in sorted(FONT_ROOT.rglob("*")) if p.suffix in (".ttf", ".otf")}


@lru_cache(maxsize=None)
def load(file_name: str, size: int) -> ImageFont.FreeTypeFont:
    """A font at `size` pixels an em. Raises MissingFontError."""
    path = _files().get(file_name)
    if path is None:
        package = next((p for prefix, p in _PACKAGES.items() if file_name.startswith(prefix)), "fonts-urw-base35")
        raise MissingFontError(f"font {file_name} is missing: install Debian's package {package}")
    return ImageFont.truetype(str(path), size)
