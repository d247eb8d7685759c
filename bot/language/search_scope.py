"""What a search is in: items, collections or projects, of all of Figshare or of our repository."""

import re
from typing import NamedTuple

from bot.language.search_terms import OPERATORS, SearchKind

_KINDS: dict[str, SearchKind] = {
    "items": "articles",
    "collections": "collections",
    "projects": "projects",
}
_PLACE = "our (?:own )?(?:repository|repo|portal|institution)"
_PREPOSITION = "(?:in|from|of|on|at|within)"
_LEADING = re.compile(rf"(?:(?:{_PREPOSITION} )?(?:{_PLACE}|ours)|our)(?: |$)", re.IGNORECASE)
_TRAILING = re.compile(rf"(?:^| )(?:{_PREPOSITION} )?(?:{_PLACE}|ours)$", re.IGNORECASE)
# `from within our own repository`
_MAX_TRAILING_WORDS = 4
# What may follow `ours` at the end: it says how results are listed, or narrows them.
_OPTION = re.compile(r"(?:type|since|until|page|limit|sort):[^\s\"()]+", re.IGNORECASE)


class SearchScope(NamedTuple):
    """What a search is in, and the text that remains to be searched for."""

    kind: SearchKind
    is_ours: bool
    text: str


def split_scope(text: str) -> SearchScope:
    """Return the scope that a search's first or last words name: `ours collections frog`, `frog in ours`.

    `text` has single spaces. In quotes, in brackets and after an operator or a field `ours` is searched for.
    """
    kind: SearchKind | None = None
    is_ours = False
    while text:
        first, _, following = text.partition(" ")
        if not is_ours and (leading := _LEADING.match(text)):
            is_ours, text = True, text[leading.end() :]
        elif first.lower() in _KINDS and not kind:
            kind, text = _KINDS[first.lower()], following
        else:
            break
    if not is_ours:
        is_ours, text = _split_trailing(text)
    return SearchScope(kind or "articles", is_ours, text)


def _split_trailing(text: str) -> tuple[bool, str]:
    words = text.split(" ")
    end = len(words)
    while end and _OPTION.fullmatch(words[end - 1]):
        end -= 1
    begin = max(end - _MAX_TRAILING_WORDS, 0)
    trailing = _TRAILING.search(" ".join(words[begin:end]))
    if not trailing:
        return False, text
    before = " ".join([*words[:begin], " ".join(words[begin:end])[: trailing.start()]]).strip()
    is_searched_for = before.count('"') % 2 or before.endswith(":") or before.count("(") > before.count(")")
    if is_searched_for or before.rpartition(" ")[2] in OPERATORS:
        return False, text
    return True, " ".join(filter(None, [before, *words[end:]]))
