"""The grammar of search words: fields, settings, AND, OR, NOT and brackets, read into terms.

Figshare's own grammar is https://docs.figshare.com/#search and the search page of its user guide: NOT binds
before AND before OR, a space is an OR, a field's value runs to the next operator. Ours is kinder: a space is
an AND, which is written out, and a field's value is one word, a phrase or a group.
"""

import re
from collections import deque
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

from bot.language.search_terms import (
    OPERATORS,
    Searched,
    Term,
    dated,
    fielded,
    joined,
    phrase,
    text_of,
    typed,
    value_of,
)
from bot.language.tokens import InvalidArgument, positive

# Figshare's fields (https://docs.figshare.com/#search); the first eleven are ours too, by the same names
_FIELDS = {
    *("title", "author", "tag", "category", "description", "doi", "orcid", "extension", "institution"),
    *("licence", "project", "keyword", "keywords", "references", "resource_doi", "resource_title"),
    *("resource_link", "search_term"),
}
_SETTINGS = {"type", "since", "until", "group", "page", "limit", "sort"}
_ALIASES = {"license": "licence", "item_type": "type"}
ORDERS = {
    "published": "published_date",
    "modified": "modified_date",
    **{counter: counter for counter in ("views", "downloads", "shares", "cites")},
}
PAGE_SIZE = 5
# nobody nests deeper
_DEEPEST = 20
_NAMES = "|".join(sorted((*_FIELDS, *_SETTINGS, *_ALIASES), key=len, reverse=True))
_OWN_NAMES = "|".join(
    sorted((*_FIELDS, "item_type", "published_before", "published_after", "group"), key=len)
)
_TOKEN = re.compile(
    rf'\s?(?:"(?P<phrase>[^"]*)"?|(?P<bracket>[()])|(?P<own>:(?:{_OWN_NAMES}):[ ]?)'
    rf'|(?P<field>{_NAMES}):(?!//)|(?P<word>[^\s"()]+))',
    re.IGNORECASE,
)

_EXAMPLES = {
    "type": "dataset",
    "since": "2024-06-01",
    "until": "2024-06-30",
    "group": "17",
    "page": "2",
    "limit": "10",
    "sort": "views",
}
_WRONG = {
    "type": "Figshare has no such type",
    "since": "that is not a day, month or year",
    "until": "that is not a day, month or year",
    "group": "a group is a number",
    "page": "pages are numbered from 1",
    "limit": "1 to 100 at a time",
    "sort": f"it sorts by {', '.join(ORDERS)}; asc or desc",
}


class Reader:
    """Reads terms from left to right; unbalanced brackets, quotes and operators are closed or dropped."""

    def __init__(self, text: str, today: date, what: Searched) -> None:
        self._tokens = deque(_TOKEN.finditer(text))
        self._today, self._what = today, what
        self.sort, self.direction, self.page, self.size = "published", "desc", 1, PAGE_SIZE
        # whether a setting was given
        self.told = False

    def alternatives(self, field: str = "", depth: int = 0) -> list[list[Term]]:
        """Read up to the closing bracket: alternatives of terms that all hold; what dangles is dropped."""
        read: list[list[Term]] = [[]]
        negated = False
        while self._tokens:
            token = self._tokens.popleft()
            if token["bracket"] == ")":
                if depth:
                    break
            elif token["word"] == "OR":
                read.append([])
            elif token["word"] == "NOT":
                negated = not negated
            elif token["word"] != "AND":
                term = self._term(token, field, depth)
                if term and negated:
                    term = Term(f"NOT {text_of(term)}", f"NOT {term.shown}")
                negated = False
                read[-1] += [term] if term else []
        return [terms for terms in read if terms]

    def _term(self, token: re.Match[str], field: str, depth: int) -> Term | None:
        if token["bracket"]:
            return self._group(field, depth)
        if token["own"]:
            return self._own(token["own"], depth)
        if token["field"]:
            name = _ALIASES.get(token["field"].lower(), token["field"].lower())
            return self._setting(name) if name in _SETTINGS else self._field(name, depth)
        if token["word"]:
            self._refuse_misspelt(token["word"])
        return _one(field, token)

    def _group(self, field: str, depth: int) -> Term | None:
        # nobody nests this deep; brackets beyond are read as if they weren't there
        if depth >= _DEEPEST:
            return None
        inner = self.alternatives(field, depth + 1)
        shown = joined(inner, lambda term: term.shown)
        return Term(f"({joined(inner, text_of)})", f"({shown})") if inner else None

    def _own(self, name: str, depth: int) -> Term:
        """Pass Figshare's own `:name: value` on as it is; its value runs to the next operator."""
        value: list[str] = []
        if self._tokens and self._tokens[0]["bracket"] == "(":
            self._tokens.popleft()
            group = self._group("", depth)
            value += [group.text] if group else []
        while not value or self._tokens:
            next_one = self._tokens[0] if self._tokens else None
            if (
                next_one is None
                or next_one["word"] in OPERATORS
                or not (next_one["word"] or _phrase(next_one))
            ):
                break
            value.append(next_one["word"] or f'"{_phrase(next_one)}"')
            self._tokens.popleft()
        if not value:
            raise InvalidArgument(name.strip(), "what should be in it?", f"{name.strip()} frog")
        return Term(name + " ".join(value), name + " ".join(value))

    def _field(self, name: str, depth: int) -> Term:
        if self._tokens and self._tokens[0]["bracket"] == "(":
            self._tokens.popleft()
            group = self._group(name, depth)
            if group:
                return group
            raise InvalidArgument(f"{name}:", "what should be in it?", f"{name}:frog")
        term = _one(name, self._given(name, "frog"))
        if term is None:
            raise InvalidArgument(f"{name}:", "what should be in it?", f"{name}:frog")
        parameter = {"institution": "institution", "project": "project_id"}.get(name)
        number = positive(term.shown.partition(":")[2])
        if parameter == "institution" and number:
            return Term("", term.shown, (parameter, number))
        if parameter and number and self._what == "articles":
            return Term(term.text, term.shown, (parameter, number))
        return term

    def _given(self, name: str, example: str) -> re.Match[str]:
        """Take the one word or phrase that is a field's value."""
        if self._tokens:
            token = self._tokens[0]
            if (token["word"] or _phrase(token)) and token["word"] not in OPERATORS:
                return self._tokens.popleft()
        raise InvalidArgument(f"{name}:", "what should be in it?", f"{name}:{example}")

    def _setting(self, name: str) -> Term | None:
        self.told = True
        token = self._given(name, _EXAMPLES[name])
        said = token["word"] or _phrase(token)
        wrong = InvalidArgument(f"{name}:{said}", _WRONG[name], f"{name}:{_EXAMPLES[name]}")
        match name:
            case "type":
                return typed(said, self._what, wrong)
            case "since" | "until":
                return dated(name, said, self._today, wrong)
            case "group":
                number = positive(said)
                if not number:
                    raise wrong
                return Term(f":group: {number}", f"group:{number}", ("group", number))
            case "sort":
                self._sorted(said.lower(), wrong)
            case _:
                number = positive(said)
                if not number or (name == "limit" and number > 100):
                    raise wrong
                self.page, self.size = (number, self.size) if name == "page" else (self.page, number)
        return None

    def _refuse_misspelt(self, word: str) -> None:
        name, colon, rest = word.partition(":")
        if not colon or rest.startswith("//") or not (near := _nearest(name.lower())):
            return
        value = value_of(rest) if rest else "frog"
        if not rest and self._tokens and (given := _phrase(self._tokens[0])):
            word, value = word + self._tokens[0].group(), f'"{given}"'
        raise InvalidArgument(word, "there is no such field", f"{near[0]}:{_EXAMPLES.get(near[0], value)}")

    def _sorted(self, said: str, wrong: InvalidArgument) -> None:
        """Read `views`, `views-asc`, `asc`, or `views` with `asc` as the next word."""
        sort, _, direction = re.sub(r"[-:,. ]+", " ", said).strip().partition(" ")
        if sort in ("asc", "desc"):
            sort, direction = "published", sort
        if not direction and self._tokens and self._tokens[0]["word"] in ("asc", "desc"):
            direction = self._tokens.popleft()["word"]
        if sort not in ORDERS or direction not in ("", "asc", "desc"):
            raise wrong
        self.sort, self.direction = sort, direction or "desc"


@lru_cache(maxsize=500)
def _nearest(name: str) -> list[str]:
    return get_close_matches(name, (*_FIELDS, *_SETTINGS), 1, 0.75)


def _phrase(token: re.Match[str]) -> str:
    return phrase(token["phrase"] or "")


def _one(field: str, token: re.Match[str]) -> Term | None:
    return fielded(field, token["word"] or _phrase(token), token["word"] is None)
