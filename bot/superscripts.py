"""Superscripts and subscripts in a line of text: 10⁴ and H₂O, or `10^…` where Unicode lacks a character.

While HTML becomes text, marks stand where an element begins and ends. They are private-use characters, which
no text that people see contains.
"""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

Script = Literal["", "sup", "sub"]

_END = "\ue002"
MARKS: dict[str, str] = {"sup": "\ue000", "sub": "\ue001", "": _END}
_SCRIPTS: dict[str, Script] = {"\ue000": "sup", "\ue001": "sub"}
_MARK = re.compile("([\ue000-\ue002])")

# https://www.unicode.org/charts/PDF/U2070.pdf, U1D00.pdf and U02B0.pdf; no q, and hardly any capitals below.
_SUPERSCRIPTS = dict(
    zip(
        "0123456789+-−–=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδφχ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᵠᵡ",
        strict=True,
    )
)
_SUBSCRIPTS = dict(
    zip("0123456789+-−–=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True)
)
_CHARACTERS = {
    script: characters | {char: char for char in characters.values()}
    for script, characters in (("sup", _SUPERSCRIPTS), ("sub", _SUBSCRIPTS))
}
_SIGNS = {"sup": "^", "sub": "_"}
# Without a letter, a digit or a charge there is nothing to raise.
_RAISED_OR_LOWERED = re.compile(r"[^\W_]|[+−-]")


class Run(NamedTuple):
    """A piece of a text, raised, lowered or neither."""

    text: str
    script: Script = ""


def without_marks(text: str) -> str:
    """Return a text as people sent it, without the characters that serve as marks here."""
    return _MARK.sub("", text)


def runs(marked: str) -> list[Run]:
    """Return the pieces of a text with marks; of elements within each other the innermost counts."""
    pieces: list[Run] = []
    open_scripts: list[Script] = []
    for piece in _MARK.split(marked):
        if piece == _END:
            del open_scripts[-1:]
        elif piece in _SCRIPTS:
            open_scripts.append(_SCRIPTS[piece])
        elif piece:
            script = open_scripts[-1] if open_scripts else ""
            if pieces and pieces[-1].script == script:
                pieces[-1] = Run(pieces[-1].text + piece, script)
            else:
                pieces.append(Run(piece, script))
    return pieces


def with_unicode(marked: str) -> str:
    """Return a text with marks as `unicode_text` shows its pieces."""
    return unicode_text(runs(marked)) if _MARK.search(marked) else marked


def unicode_text(pieces: Iterable[Run]) -> str:
    """Return the text with Unicode's superscripts and subscripts: `10⁴`, or `10^Q` where it has none."""
    return "".join(_unicode_run(run) for run in pieces)


def _unicode_run(run: Run) -> str:
    text = run.text.strip()
    # Signs such as ® and * are small and raised by themselves.
    if not run.script or not _RAISED_OR_LOWERED.search(text):
        return run.text
    characters = _CHARACTERS[run.script]
    if all(char in characters for char in text):
        shown = "".join(characters[char] for char in text)
    else:
        shown = _SIGNS[run.script] + (text if len(text) == 1 or text.isalnum() else f"({text})")
    before, _, after = run.text.partition(text)
    return before + shown + after
