"""Figshare's search grammar: what `search_for` means, and which items it finds.

Operators bind as the user guide says: `()`, then NOT, AND, OR; a space between words is OR, the value of a
`:field:` runs to the next operator, and words without a field look everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .item_types import TYPE_NUMBERS

Predicate = Callable[["SearchDocument"], bool]

# whole values, not words in them
EXACT_FIELDS = {
    "tag",
    "keyword",
    "keywords",
    "doi",
    "orcid",
    "institution",
    "group",
    "extension",
    "resource_doi",
}
TOKEN_PATTERN = re.compile(r':(?P<field>[a-z_]+):|(?P<mark>[()])|"(?P<phrase>[^"]*)"|(?P<word>[^\s()":]+|:)')
# Far below the depth of Python's stack.
MAX_DEPTH = 100
TYPE_ALIASES = {"paper": "journal contribution", "code": "software", "metadata": "online resource"}


class InvalidSearch(ValueError):
    """Raised when words are no search: an unclosed bracket, or an operator without an operand."""


@dataclass
class SearchDocument:
    """The searchable values of one item by field, and when it was published."""

    fields: Mapping[str, Sequence[str]]
    published: datetime
    _stems: dict[str, list[list[str]]] = field(default_factory=dict)

    def stems(self, name: str) -> list[list[str]]:
        if name not in self._stems:
            values = (
                [v for vs in self.fields.values() for v in vs]
                if name == "search_term"
                else self.fields.get(name, [])
            )
            self._stems[name] = [stems(value) for value in values]
        return self._stems[name]


@dataclass(frozen=True)
class SearchToken:
    kind: str
    text: str


def search_predicate(text: str) -> Predicate:
    """Return the predicate of documents that the text of a search means; raises InvalidSearch."""
    if not text.strip():
        return lambda document: True
    tokens = list(_tokens(text))
    if sum(token.text in {"(", "NOT"} for token in tokens) > MAX_DEPTH:
        raise InvalidSearch("too many brackets")
    parser = _Parser(tokens)
    predicate = parser.any_of("search_term")
    if parser.has_next():
        raise InvalidSearch(f"unexpected {parser.peek().text!r}")
    return predicate


def _tokens(text: str) -> Iterator[SearchToken]:
    for match in TOKEN_PATTERN.finditer(text.replace("\n", " ")):
        kind = match.lastgroup or "word"
        word = match.group(kind)
        if kind == "word" and word in {"AND", "OR", "NOT"}:
            kind = "mark"
        yield SearchToken(kind, word)


class _Parser:
    def __init__(self, tokens: list[SearchToken]) -> None:
        self.tokens = tokens
        self.index = 0

    def has_next(self) -> bool:
        return self.index < len(self.tokens)

    def peek(self) -> SearchToken:
        return self.tokens[self.index] if self.has_next() else SearchToken("end", "")

    def take(self) -> SearchToken:
        token = self.peek()
        self.index += 1
        return token

    def next_is(self, *marks: str) -> bool:
        token = self.peek()
        return token.kind == "mark" and token.text in marks

    def any_of(self, name: str) -> Predicate:
        predicates = [self.all_of(name)]
        while self.has_next() and not self.next_is(")"):
            if self.next_is("OR"):
                self.take()
            predicates.append(self.all_of(name))
        return (
            predicates[0]
            if len(predicates) == 1
            else lambda document: any(predicate(document) for predicate in predicates)
        )

    def all_of(self, name: str) -> Predicate:
        predicates = [self.negated(name)]
        # "a NOT b" is read as "a AND NOT b"
        while self.next_is("AND", "NOT"):
            if self.next_is("AND"):
                self.take()
            predicates.append(self.negated(name))
        return (
            predicates[0]
            if len(predicates) == 1
            else lambda document: all(predicate(document) for predicate in predicates)
        )

    def negated(self, name: str) -> Predicate:
        if not self.next_is("NOT"):
            return self.term(name)
        self.take()
        predicate = self.negated(name)
        return lambda document: not predicate(document)

    def term(self, name: str) -> Predicate:
        if self.peek().kind == "field":
            name = self.take().text
        if self.next_is("("):
            self.take()
            predicate = self.any_of(name)
            if not self.next_is(")"):
                raise InvalidSearch("a bracket is not closed")
            self.take()
            return predicate
        tokens = []
        while self.peek().kind in {"word", "phrase"}:
            tokens.append(self.take())
        if not tokens:
            raise InvalidSearch(f"nothing to look for before {self.peek().text!r}")
        return value_predicate(name, tokens)


def value_predicate(name: str, tokens: list[SearchToken]) -> Predicate:
    value = " ".join(token.text for token in tokens)
    if name in {"published_before", "published_after"}:
        return _dated(name, value)
    if name == "item_type":
        return _typed(value)
    if name == "licence":
        return lambda document: (
            _normalized_licence(value) in map(_normalized_licence, document.fields.get("licence", []))
        )
    if name in EXACT_FIELDS:
        wanted = value.lower().strip().lstrip(".")
        field_name = "tag" if name.startswith("keyword") else name
        return lambda document: wanted in (v.lower() for v in document.fields.get(field_name, []))
    words = [word for token in tokens if token.kind == "word" for word in stems(token.text)]
    phrases = [stems(token.text) for token in tokens if token.kind == "phrase"]
    # A single letter (the M. of "M. Hahnel") would match too much.
    words = [word for word in words if len(word) > 1 or not word.isascii()] or words
    return lambda document: any(
        any(word in value for word in words) or any(_contains(value, phrase) for phrase in phrases)
        for value in document.stems(name)
    )


def _dated(name: str, value: str) -> Predicate:
    try:
        moment = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    except ValueError:
        raise InvalidSearch(f"{value!r} is no date") from None
    if name == "published_before":
        return lambda document: document.published.replace(tzinfo=None) < moment.replace(tzinfo=None)
    return lambda document: document.published.replace(tzinfo=None) >= moment.replace(tzinfo=None)


def _typed(value: str) -> Predicate:
    wanted = value.lower().replace("_", " ").strip()
    wanted = TYPE_ALIASES.get(wanted, wanted)
    names = {wanted, *(name for name, number in TYPE_NUMBERS.items() if wanted == str(number))}
    return lambda document: not names.isdisjoint(document.fields.get("item_type", []))


def _normalized_licence(licence: str) -> str:
    return re.sub(r"[^a-z]", "", licence.lower())


def _contains(value: list[str], phrase: list[str]) -> bool:
    size = len(phrase)
    return bool(phrase) and any(value[n : n + size] == phrase for n in range(len(value) - size + 1))


def stems(text: str) -> list[str]:
    """Return the lower-case words of a text without their plural endings."""
    words = re.findall(r"[^\W_]+", re.sub(r"<[^<>]++>", " ", text).lower())
    return [_stem(word) for word in words]


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
