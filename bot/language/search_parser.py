"""The parser of searches: fields, options, AND, OR, NOT and brackets, read into terms.

Figshare's grammar (https://docs.figshare.com/#search, and the search page of its user guide): NOT binds
before AND before OR, a space is an OR, and a field's value runs to the next operator. Ours is what people
expect: a space is an AND, written out for Figshare, and a field's value is one word, a phrase or a group.
"""

import re
from collections import deque
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice, takewhile

from bot.language.dates import leading_dates
from bot.language.search_terms import (
    OPERATORS,
    SearchKind,
    Term,
    date_term,
    field_term,
    joined_terms,
    phrase_text,
    query_text,
    quoted_value,
    search_dates,
    type_term,
)
from bot.language.tokens import InvalidArgument, positive_int

# Figshare's fields: https://docs.figshare.com/#search. Ours have the same names.
_FIELDS = {
    *("title", "author", "tag", "category", "description", "doi", "orcid", "extension", "institution"),
    *("licence", "project", "keyword", "keywords", "references", "resource_doi", "resource_title"),
    *("resource_link", "search_term"),
}
# Not fields of the records: what a search lists, in which order, and how much of it.
_OPTIONS = {"type", "since", "until", "group", "page", "limit", "sort"}
_ALIASES = {"license": "licence", "item_type": "type"}
ORDERS = {
    "published": "published_date",
    "modified": "modified_date",
    **{counter: counter for counter in ("views", "downloads", "shares", "cites")},
}
PAGE_SIZE = 5
# `29th of February 2024`
_MAX_DATE_WORDS = 4
# Brackets that are nested deeper than this are read as if they weren't there.
_MAX_DEPTH = 20
_NAMES = "|".join(sorted((*_FIELDS, *_OPTIONS, *_ALIASES), key=len, reverse=True))
_FIGSHARE_NAMES = "|".join(
    sorted((*_FIELDS, "item_type", "published_before", "published_after", "group"), key=len)
)
_SEARCH_TOKEN = re.compile(
    # A minus is a NOT where it begins a word, but not within `title:-frog`.
    r'\s?(?:"(?P<phrase>[^"]*)"?|(?P<bracket>[()])|(?P<minus>(?<![^\s(])-(?=[\w":(])(?!(?:AND|OR|NOT)\b))'
    rf"|(?P<figshare>:(?:{_FIGSHARE_NAMES}):[ ]?)"
    rf'|(?P<field>{_NAMES}):(?!//)|(?P<word>[^\s"()]+))',
    re.IGNORECASE,
)

# A value that works, and what is wrong with one that doesn't, by the option.
_EXAMPLES = {
    "type": "dataset",
    "since": "2024-06-01",
    "until": "2024-06-30",
    "group": "17",
    "page": "2",
    "limit": "10",
    "sort": "views",
}
_REASONS = {
    "type": "Figshare doesn't have that type",
    "since": "that isn't a day, month or year",
    "until": "that isn't a day, month or year",
    "group": "a group has to be a number",
    "page": "pages are numbered from 1",
    "limit": "a page has 1 to 100 results",
    "sort": f"I can sort by {', '.join(ORDERS)}; asc or desc",
}


class SearchParser:
    """Parses a search from left to right; unbalanced brackets, quotes and operators are closed or dropped.

    Call `alternatives` first: it reads the options `sort`, `direction`, `page` and `size` too.
    """

    def __init__(self, text: str, today: date, kind: SearchKind) -> None:
        self._text, self._tokens = text, deque(_SEARCH_TOKEN.finditer(text))
        self._today, self._kind = today, kind
        self.sort, self.direction, self.page, self.size = "published", "desc", 1, PAGE_SIZE
        # Whether it names days, or asks for the order by date.
        self.has_options = self.names_date = False

    def alternatives(self, field: str = "", depth: int = 0) -> list[list[Term]]:
        """Return alternatives, each a list of terms that all hold, up to the closing bracket or the end."""
        alternatives: list[list[Term]] = [[]]
        negated = False
        while self._tokens:
            token = self._tokens.popleft()
            if token["bracket"] == ")":
                if depth:
                    break
            elif token["word"] == "OR":
                alternatives.append([])
            elif token["word"] == "NOT" or token["minus"]:
                negated = not negated
            elif token["word"] != "AND":
                term = self._term(token, field, depth)
                if term and negated:
                    term = Term(f"NOT {query_text(term)}", f"NOT {term.shown}")
                negated = False
                alternatives[-1] += [term] if term else []
        return [terms for terms in alternatives if terms]

    def _term(self, token: re.Match[str], field: str, depth: int) -> Term | None:
        if token["bracket"]:
            return self._group(field, depth)
        if token["figshare"]:
            return self._figshare_field(token["figshare"], depth)
        if token["field"]:
            name = _ALIASES.get(token["field"].lower(), token["field"].lower())
            return self._option(name, token.start("field")) if name in _OPTIONS else self._field(name, depth)
        if token["word"]:
            self._refuse_misspelt_field(token["word"])
            self._refuse_date_without_colon(token)
        return _token_term(field, token)

    def _group(self, field: str, depth: int) -> Term | None:
        if depth >= _MAX_DEPTH:
            return None
        inner = self.alternatives(field, depth + 1)
        shown = joined_terms(inner, lambda term: term.shown)
        return Term(f"({joined_terms(inner, query_text)})", f"({shown})") if inner else None

    def _figshare_field(self, name: str, depth: int) -> Term:
        """Read Figshare's own `:name: value`, which is sent as it is: its value runs to the next operator."""
        value: list[str] = []
        if self._tokens and self._tokens[0]["bracket"] == "(":
            self._tokens.popleft()
            group = self._group("", depth)
            value += [group.text] if group else []
        while self._tokens and self._tokens[0]["word"] not in OPERATORS:
            token = self._tokens[0]
            if not (token["word"] or _phrase(token)):
                break
            value.append(token["word"] or f'"{_phrase(token)}"')
            self._tokens.popleft()
        if not value:
            raise InvalidArgument(name.strip(), "what should it contain?", f"{name.strip()} frog")
        self.names_date |= "published" in name
        return Term(name + " ".join(value), name + " ".join(value))

    def _field(self, name: str, depth: int) -> Term:
        if self._tokens and self._tokens[0]["bracket"] == "(":
            self._tokens.popleft()
            group = self._group(name, depth)
            if group:
                return group
            raise InvalidArgument(f"{name}:", "what should it contain?", f"{name}:frog")
        term = _token_term(name, self._take_value(name, "frog"))
        if term is None:
            raise InvalidArgument(f"{name}:", "what should it contain?", f"{name}:frog")
        parameter = {"institution": "institution", "project": "project_id"}.get(name)
        number = positive_int(term.shown.partition(":")[2])
        if parameter == "institution" and number:
            return Term("", term.shown, (parameter, number))
        if parameter and number and self._kind == "articles":
            return Term(term.text, term.shown, (parameter, number))
        return term

    def _take_value(self, name: str, example: str) -> re.Match[str]:
        """Take the next token, which is the value of a field; raises InvalidArgument if it can't be one."""
        if self._tokens:
            token = self._tokens[0]
            if (token["word"] or _phrase(token)) and token["word"] not in OPERATORS:
                return self._tokens.popleft()
        raise InvalidArgument(f"{name}:", "what should it contain?", f"{name}:{example}")

    def _option(self, name: str, start: int) -> Term | None:
        self.has_options = True
        token = self._take_value(name, _EXAMPLES[name])
        value = token["word"] or _phrase(token)
        error = self._option_error(name, start, token.end())
        match name:
            case "type":
                if self._kind != "articles":
                    raise InvalidArgument(
                        error.argument, f"{self._kind} have no type", f"search {self._text}"
                    )
                return type_term(value, error)
            case "since" | "until":
                return self._date(name, start, value.replace(",", " ").split(), token.end())
            case "group":
                number = positive_int(value)
                if not number:
                    raise error
                return Term(f":group: {number}", f"group:{number}", ("group", number))
            case "sort":
                self._set_order(value.lower(), error)
            case _:
                number = positive_int(value)
                if not number or (name == "limit" and number > 100):
                    raise error
                self.page, self.size = (number, self.size) if name == "page" else (self.page, number)
        return None

    def _option_error(self, name: str, start: int, end: int) -> InvalidArgument:
        """Return the error for an option, with the words as they stand from `start` to `end`.

        What looks like one may be a part of a title: `Page: a novel`.
        """
        source = self._text[start:end]
        written, _, value = source.partition(":")
        examples = [f"{name}:{_EXAMPLES[name]}", f'"{written}" {value.strip()}']
        if written.istitle():
            examples.reverse()
        return InvalidArgument(source, _REASONS[name], *examples)

    def _date(self, name: str, start: int, words: list[str], end: int) -> Term:
        """Return the term for `since:2024-06` or `until:1 Jan 2024`, which may take several words."""
        following = [
            token["word"] or "" for token in islice(self._tokens, max(_MAX_DATE_WORDS - len(words), 0))
        ]
        error = self._option_error(name, start, end)
        try:
            dates = search_dates([*words, *takewhile(bool, following)], self._today)
        except InvalidArgument as wrong:
            taken = len(wrong.argument.split()) - len(words)
            end = self._tokens[taken - 1].end() if 0 < taken <= len(self._tokens) else end
            examples = [f"{name}:{_iso(example)}" for example in wrong.examples]
            raise InvalidArgument(self._text[start:end], wrong.reason, *examples) from None
        if dates is None or dates.length < len(words):
            raise error
        self.names_date = True
        for _ in range(dates.length - len(words)):
            end = self._tokens.popleft().end()
        return date_term(name, dates, self._today, self._option_error(name, start, end))

    def _refuse_misspelt_field(self, word: str) -> None:
        """Raise InvalidArgument for a word such as `titel:frog`."""
        name, colon, value = word.partition(":")
        if not colon or value.startswith("//") or not (near := _nearest_name(name.lower())):
            return
        example = quoted_value(value) if value else "frog"
        if not value and self._tokens and (phrase := _phrase(self._tokens[0])):
            word, example = word + self._tokens[0].group(), f'"{phrase}"'
        raise InvalidArgument(word, "I don't know that field", f"{near}:{_EXAMPLES.get(near, example)}")

    def _refuse_date_without_colon(self, token: re.Match[str]) -> None:
        """Raise InvalidArgument for `since 2024`, which looks like a field and would be searched for."""
        name = token["word"].lower()
        following = list(islice(self._tokens, _MAX_DATE_WORDS))
        words = [*takewhile(bool, (each["word"] or "" for each in following))]
        if name not in ("since", "until") or not words:
            return
        try:
            dates = search_dates(words, self._today)
        except InvalidArgument:
            return
        if dates:
            source = self._text[token.start("word") : following[dates.length - 1].end()]
            day = " ".join(words[: dates.length])
            day = day if dates.length == 1 else (dates.first if name == "since" else dates.last).isoformat()
            raise InvalidArgument(source, f"`{name}` needs a colon", f"{name}:{day}", f'"{source}"')

    def _set_order(self, value: str, error: InvalidArgument) -> None:
        """Read `views`, `views-asc`, `asc`, or `views` with `asc` as the next word."""
        sort, _, direction = re.sub(r"[-:,. ]+", " ", value).strip().partition(" ")
        if sort in ("asc", "desc"):
            sort, direction = "published", sort
        if not direction and self._tokens and self._tokens[0]["word"] in ("asc", "desc"):
            direction = self._tokens.popleft()["word"]
        if sort not in ORDERS or direction not in ("", "asc", "desc"):
            raise error
        self.sort, self.direction = sort, direction or "desc"
        self.names_date |= sort == "published"


def _iso(day: str) -> str:
    """Return a day that is written for people as a search takes it, in one word."""
    dates = leading_dates(day.split(), None)
    return dates.first.isoformat() if dates and dates.first == dates.last else day


@lru_cache(maxsize=500)
def _nearest_name(name: str) -> str:
    """Return the field or option whose spelling is nearest to a name; "" if none is near."""
    return next(iter(get_close_matches(name, (*_FIELDS, *_OPTIONS), 1, 0.75)), "")


def _phrase(token: re.Match[str]) -> str:
    return phrase_text(token["phrase"] or "")


def _token_term(field: str, token: re.Match[str]) -> Term | None:
    return field_term(field, token["word"] or _phrase(token), token["word"] is None)
