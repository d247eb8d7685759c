"""Text on the playground's page stands out from what is behind it: WCAG 2.2, 1.4.3."""

import re

import pytest

from tests.support.paths import ROOT

CSS = (ROOT / "bot/playground/static/page.css").read_text("utf-8")
# small text and what it stands on; a browser test can't see placeholders, which are drawn by the style alone
PAIRS = [
    *((text, "paper") for text in ("ink", "soft", "link", "danger", "code")),
    *((text, ground) for text in ("ink", "soft") for ground in ("wash", "hover", "line")),
    *(("side-ink", ground) for ground in ("side", "side-hover")),
    ("side-soft", "side"),
    ("accent-ink", "accent"),
    ("danger-ink", "danger"),
    ("note-ink", "note"),
    ("link", "mention"),
    ("link", "mention-me"),
]


def palette(theme: str) -> dict[str, str]:
    first, second = (
        dict(re.findall(r"--([\w-]+): #([0-9a-f]{6})", CSS.split(f"{start} {{")[1].split("}")[0]))
        for start in (":root", ':root[data-theme="dark"]')
    )
    return first | (second if theme == "dark" else {})


def luminance(colour: str) -> float:
    """Return the relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_has_enough_contrast(theme):
    colours = palette(theme)
    weak = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


def test_initials_have_enough_contrast():
    grounds = re.findall(r"\.hue-\d \{ background: #([0-9a-f]{6})", CSS)
    assert len(grounds) == 6
    assert all(contrast("ffffff", ground) >= 4.5 for ground in grounds)


def test_text_is_never_made_paler():
    """Opacity takes contrast away where no check of colours sees it."""
    rules = re.findall(r"([^{}]+)\{([^{}]*opacity: (?:0|)\.\d+[^{}]*)\}", CSS)
    pale = {selector.strip().splitlines()[-1] for selector, _ in rules}
    assert pale <= {
        "from",
        "button:disabled",
        ".waiting",
        ".area",
        '#clock[aria-busy="true"] #clock-moves',
    }
