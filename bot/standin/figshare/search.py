"""Figshare's search grammar: what `search_for` means, and which items it finds.

Operators bind as the user guide says: `()`, then NOT, AND, OR; a space between words is OR, the value of a
`:field:` runs to the next operator, and words without a field look everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .library import TYPE_NUMBERS

Test = Callable[["Document"], bool]

# whole values, not words in them
EXACT = {"tag", "keyword", "keywords", "doi", "orcid", "institution", "group", "extension", "resource_doi"}
TOKEN = re.compile(r':(?P<field>[a-z_]+):|(?P<mark>[()])|"(?P<phrase>[^"]*)"|(?P<word>[^\s()":]+|:)')
# far below what Python can descend
DEEPEST = 100
TYPE_ALIASES = {"paper": "journal contribution", "code": "software", "metadata": "online resource"}


class Ungrammatical(ValueError):
    """The words are no search: an unclosed bracket, or an operator with nothing to work on."""


@dataclass
class Document:
    """What can be found of one item: field -> values, and when it was published."""

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
class Token:
    kind: str
    text: str


def search(text: str) -> Test:
    """Compile the text of a search into a test of documents; raises Ungrammatical."""
    if not text.strip():
        return lambda document: True
    tokens = list(_tokens(text))
    if sum(token.text in {"(", "NOT"} for token in tokens) > DEEPEST:
        raise Ungrammatical("too many brackets")
    parser = _Parser(tokens)
    test = parser.any_of("search_term")
    if parser.left():
        raise Ungrammatical(f"unexpected {parser.peek().text!r}")
    return test


def _tokens(text: str) -> Iterator[Token]:
    for found in TOKEN.finditer(text.replace("\n", " ")):
        kind = found.lastgroup or "word"
        word = found.group(kind)
        if kind == "word" and word in {"AND", "OR", "NOT"}:
            kind = "mark"
        yield Token(kind, word)


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def left(self) -> bool:
        return self.at < len(self.tokens)

    def peek(self) -> Token:
        return self.tokens[self.at] if self.left() else Token("end", "")

    def take(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def next_is(self, *marks: str) -> bool:
        token = self.peek()
        return token.kind == "mark" and token.text in marks

    def any_of(self, name: str) -> Test:
        tests = [self.all_of(name)]
        while self.left() and not self.next_is(")"):
            if self.next_is("OR"):
                self.take()
            tests.append(self.all_of(name))
        return tests[0] if len(tests) == 1 else lambda document: any(test(document) for test in tests)

    def all_of(self, name: str) -> Test:
        tests = [self.negated(name)]
        # "a NOT b" is read as "a AND NOT b"
        while self.next_is("AND", "NOT"):
            if self.next_is("AND"):
                self.take()
            tests.append(self.negated(name))
        return tests[0] if len(tests) == 1 else lambda document: all(test(document) for test in tests)

    def negated(self, name: str) -> Test:
        if not self.next_is("NOT"):
            return self.one(name)
        self.take()
        test = self.negated(name)
        return lambda document: not test(document)

    def one(self, name: str) -> Test:
        if self.peek().kind == "field":
            name = self.take().text
        if self.next_is("("):
            self.take()
            test = self.any_of(name)
            if not self.next_is(")"):
                raise Ungrammatical("a bracket is not closed")
            self.take()
            return test
        said = []
        while self.peek().kind in {"word", "phrase"}:
            said.append(self.take())
        if not said:
            raise Ungrammatical(f"nothing to look for before {self.peek().text!r}")
        return value_test(name, said)


def value_test(name: str, said: list[Token]) -> Test:
    value = " ".join(token.text for token in said)
    if name in {"published_before", "published_after"}:
        return _dated(name, value)
    if name == "item_type":
        return _typed(value)
    if name == "licence":
        return lambda document: _squash(value) in map(_squash, document.fields.get("licence", []))
    if name in EXACT:
        wanted = value.lower().strip().lstrip(".")
        field_name = "tag" if name.startswith("keyword") else name
        return lambda document: wanted in (v.lower() for v in document.fields.get(field_name, []))
    words = [word for token in said if token.kind == "word" for word in stems(token.text)]
    phrases = [stems(token.text) for token in said if token.kind == "phrase"]
    # a letter alone (the M. of "M. Hahnel") says too little
    words = [word for word in words if len(word) > 1 or not word.isascii()] or words
    return lambda document: any(
        any(word in value for word in words) or any(_contains(value, phrase) for phrase in phrases)
        for value in document.stems(name)
    )


def _dated(name: str, value: str) -> Test:
    try:
        at = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    except ValueError:
        raise Ungrammatical(f"{value!r} is no date") from None
    if name == "published_before":
        return lambda document: document.published.replace(tzinfo=None) < at.replace(tzinfo=None)
    return lambda document: document.published.replace(tzinfo=None) >= at.replace(tzinfo=None)


def _typed(value: str) -> Test:
    wanted = value.lower().replace("_", " ").strip()
    wanted = TYPE_ALIASES.get(wanted, wanted)
    names = {wanted, *(name for name, number in TYPE_NUMBERS.items() if wanted == str(number))}
    return lambda document: not names.isdisjoint(document.fields.get("item_type", []))


def _squash(licence: str) -> str:
    return re.sub(r"[^a-z]", "", licence.lower())


def _contains(value: list[str], phrase: list[str]) -> bool:
    size = len(phrase)
    return bool(phrase) and any(value[n : n + size] == phrase for n in range(len(value) - size + 1))


def stems(text: str) -> list[str]:
    """Split a text into lower-case words without their plural endings."""
    words = re.findall(r"[^\W_]+", re.sub(r"<[^<>]++>", " ", text).lower())
    return [_stem(word) for word in words]


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
