"""The topic of a digest: references, the team's own repository (`ours`), or a search."""

from collections.abc import Sequence

from msgspec import Struct

from bot.language import references
from bot.language.references import Reference
from bot.language.schedule_parser import (
    ScheduleWords,
    completed_phrase,
    leading_schedule,
    trailing_schedule,
)
from bot.language.tokens import InvalidArgument, Token, tokenize

MAX_TOPIC_REFERENCES = 200
SEARCH_EXAMPLE = "search title:frog"
SUBSCRIPTION_EXAMPLE = "subscribe 5616445 weekly on monday at 09:00"
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


def parse_subscription(text: str) -> tuple[Topic, ScheduleWords]:
    """Return the topic and the schedule that the words after `subscribe` name, which stand in this order.

    Raises InvalidArgument, whose example is a whole command.
    """
    tokens = tokenize(text)
    if _first_word(tokens) == "search":
        return _parse_search_subscription(text, tokens)
    topic_length = _topic_length(tokens)
    topic_text = text[: tokens[topic_length].start] if 0 < topic_length < len(tokens) else text
    try:
        if not topic_length:
            _refuse_other_command(text, tokens)
            return parse_topic(text), ScheduleWords()
        schedule, schedule_length = leading_schedule(tokens[topic_length:])
        end = topic_length + schedule_length
        if end < len(tokens):
            raise _unknown_word(text, tokens[end])
        return parse_topic(topic_text), schedule
    except InvalidArgument as error:
        topic = " ".join(token.text for token in tokens[:topic_length])
        raise with_full_example(error, topic) from None


def _parse_search_subscription(text: str, tokens: Sequence[Token]) -> tuple[Topic, ScheduleWords]:
    """Return the topic and the schedule of `search …`.

    Any word may be searched for, so the schedule is what stands at the end.
    """
    try:
        schedule, start = trailing_schedule(tokens[1:])
        end = tokens[start + 1].start if start + 1 < len(tokens) else len(text)
        return parse_topic(text[:end]), schedule
    except InvalidArgument as error:
        raise with_full_example(error, SEARCH_EXAMPLE) from None


def _refuse_other_command(text: str, tokens: Sequence[Token]) -> None:
    """Raise InvalidArgument for `views 5616445 weekly`, where another command stands before the topic."""
    if len(tokens) > 1 and _is_subscription(remaining := text[tokens[1].start :]):
        raise InvalidArgument(tokens[0].text, _TOPICS, f"subscribe {remaining}")


def _unknown_word(text: str, token: Token) -> InvalidArgument:
    """Return the error for a token that is no part of a schedule, with a correction that works."""
    phrase = completed_phrase(token.text)
    corrected = f"{text[: token.start]}{phrase}{text[token.end :]}"
    example = f"subscribe {corrected}" if _is_subscription(corrected) else phrase
    return InvalidArgument(token.text, "I don't understand this word in `subscribe`", example)


def _is_subscription(text: str) -> bool:
    """Return whether these words are references or `ours`, and then a schedule."""
    tokens = tokenize(text)
    topic_length = _topic_length(tokens)
    try:
        schedule, schedule_length = leading_schedule(tokens[topic_length:])
        schedule.schedule("UTC", 0.0)
    except InvalidArgument:
        return False
    return 0 < topic_length == len(tokens) - schedule_length


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
            raise InvalidArgument("", reason, "subscribe search title:frog weekly")
        return Topic(search=search)
    if first == "ours" and len(tokens) == 1:
        return Topic(is_ours=True)
    leading, length = _leading_references(tokens)
    if length < len(tokens) or not leading:
        raise InvalidArgument(tokens[length].text if tokens else "", _TOPICS, SUBSCRIPTION_EXAMPLE)
    if len(leading) > MAX_TOPIC_REFERENCES:
        raise InvalidArgument(
            "",
            f"a digest can cover up to {MAX_TOPIC_REFERENCES} references; this has {len(leading)}",
            SUBSCRIPTION_EXAMPLE,
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
