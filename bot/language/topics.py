"""The topic of a digest: references, the team's own repository (`ours`), or a search."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from bot.language import references
from bot.language.references import Reference
from bot.language.schedule_correction import schedule_error
from bot.language.schedule_parser import schedule_pieces, trailing_schedule_start
from bot.language.schedule_words import ScheduleWords
from bot.language.tokens import InvalidArgument, Token, tokenize

MAX_TOPIC_REFERENCES = 200
# An example of a whole subscription would subscribe something that nobody asked about.
TOPIC_EXAMPLE = "help subscribe"
_TOPICS = "a digest can cover items, your repository (`ours`) or a search"
# How many requests to Figshare a digest takes, by the kind of its references: an item takes four, for the
# record, the totals and two timelines; collections and projects have lists, and timelines of what is in them.
_REQUESTS_BY_KIND = {"article": 4, "author": 3, "group": 9, "collection": 30, "project": 30}
_REQUESTS_FOR_OURS, _REQUESTS_FOR_SEARCH = 20, 30


class Topic(Struct, frozen=True):
    """What a digest is about: references, or the words of a search, or the team's own repository."""

    references: tuple[Reference, ...] = ()
    search: str = ""
    is_ours: bool = False

    @property
    def command_words(self) -> str:
        """Return the words after `subscribe` that `parse_topic` reads as this topic."""
        if self.is_ours:
            return "ours"
        if self.search:
            return f"search {self.search}"
        return " ".join(map(references.command_words, self.references))

    @property
    def identity(self) -> tuple[frozenset[Reference], str, bool]:
        """Return a value that is equal for two topics whose digests would be the same."""
        return frozenset(self.references), self.search, self.is_ours

    @property
    def weight(self) -> int:
        """Return about how many requests to Figshare a digest of it takes."""
        if self.is_ours:
            return _REQUESTS_FOR_OURS
        if self.search:
            return _REQUESTS_FOR_SEARCH
        return sum(_REQUESTS_BY_KIND[reference.kind or "article"] for reference in self.references)


class _Reading(NamedTuple):
    """How the words after `subscribe` are read: where the schedule begins, and what it says.

    From `readable` on all of it can be read; see `trailing_schedule_start`.
    """

    tokens: list[Token]
    start: int
    readable: int
    schedule: ScheduleWords
    has_unread: bool


def parse_subscription(text: str) -> tuple[Topic, ScheduleWords]:
    """Return the topic and the schedule that the words after `subscribe` name, which stand in this order.

    Raises InvalidArgument, whose examples are whole commands.
    """
    reading = _read(text)
    tokens, start = reading.tokens, reading.start
    if start and reading.has_unread:
        raise schedule_error(text, tokens, start, reading.readable, _can_be_read)
    topic_text = text[: tokens[start].start].rstrip() if start < len(tokens) else text
    try:
        if not start:
            _refuse_other_command(text, tokens)
        topic = parse_topic(topic_text if start else text)
        reading.schedule.schedule("UTC", 0.0)
    except InvalidArgument as error:
        raise with_full_example(error, topic_text) from None
    return topic, reading.schedule


def _read(text: str) -> _Reading:
    tokens = tokenize(text)
    start = readable = _topic_length(tokens)
    if _first_word(tokens) == "search":
        start, readable = (1 + index for index in trailing_schedule_start(tokens[1:]))
    schedule, pieces = schedule_pieces(tokens[start:] if start else [])
    has_unread = start < readable or any(piece.part is None for piece in pieces)
    return _Reading(tokens, start, readable, schedule, has_unread)


def _can_be_read(text: str) -> bool:
    reading = _read(text)
    if not reading.start or reading.has_unread:
        return False
    tokens, start = reading.tokens, reading.start
    try:
        parse_topic(text[: tokens[start].start] if start < len(tokens) else text)
        reading.schedule.schedule("UTC", 0.0)
    except InvalidArgument:
        return False
    return True


def _refuse_other_command(text: str, tokens: Sequence[Token]) -> None:
    """Raise InvalidArgument for a text that begins with no topic.

    In `views 5616445 weekly` another command stands before it, and in `frogs weekly` the word `search` is
    missing.
    """
    if not tokens:
        return
    remaining = text[tokens[1].start :] if len(tokens) > 1 else ""
    for line in remaining, f"search {text}":
        if _can_be_read(line):
            raise InvalidArgument(tokens[0].text, _TOPICS, f"subscribe {line}")


def with_full_example(error: InvalidArgument, topic: str) -> InvalidArgument:
    """Return the same error with an example that is a whole command about this topic."""
    if error.example.split(" ")[0] in ("subscribe", "help", ""):
        return error
    return InvalidArgument(error.argument, error.reason, f"subscribe {topic} {error.example}")


def parse_topic(text: str) -> Topic:
    """Return the topic that a text without a schedule names; raises InvalidArgument."""
    tokens = tokenize(text)
    first = _first_word(tokens)
    if first == "search":
        search = text[tokens[0].end :].strip()
        if not search:
            reason = "what should I search for? Words in quotes are searched for, not read as a schedule"
            raise InvalidArgument("", reason, TOPIC_EXAMPLE)
        return Topic(search=search)
    if first == "ours" and len(tokens) == 1:
        return Topic(is_ours=True)
    leading, length = _leading_references(tokens)
    if length < len(tokens) or not leading:
        raise InvalidArgument(tokens[length].text if tokens else "", _TOPICS, TOPIC_EXAMPLE)
    if len(leading) > MAX_TOPIC_REFERENCES:
        raise InvalidArgument(
            "",
            f"a digest can cover up to {MAX_TOPIC_REFERENCES} references; this has {len(leading)}",
            TOPIC_EXAMPLE,
        )
    return Topic(tuple(dict.fromkeys(leading)))


def _first_word(tokens: Sequence[Token]) -> str:
    return tokens[0].text.lower() if tokens and not tokens[0].is_quoted else ""


def _topic_length(tokens: Sequence[Token]) -> int:
    """Return how many tokens the references or `ours` take that they begin with; 0 if there are none."""
    return 1 if _first_word(tokens) == "ours" else _leading_references(tokens)[1]


def _leading_references(tokens: Sequence[Token]) -> tuple[list[Reference], int]:
    """Return the references that tokens begin with, and how many tokens they take."""
    leading, index = list[Reference](), 0
    while index < len(tokens) and not tokens[index].is_quoted:
        match = references.leading_reference([token.text for token in tokens[index : index + 2]])
        if match is None:
            break
        reference, length = match
        leading.append(reference)
        index += length
    return leading, index
