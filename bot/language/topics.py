"""The topic of a digest: references, the own repository (`ours`), or a search."""

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
# Requests to Figshare: a record, totals, two timelines; then lists, and the timelines of their items.
_REQUESTS = {"article": 4, "author": 3, "group": 9, "collection": 30, "project": 30}
_REQUESTS_FOR_OURS, _REQUESTS_FOR_SEARCH = 20, 30


class Topic(Struct, frozen=True):
    """What a digest is about: references, or the words of a search, or the own repository."""

    references: tuple[Reference, ...] = ()
    search: str = ""
    ours: bool = False

    @property
    def command(self) -> str:
        """Return the words after `subscribe` that `parse_topic` reads as this topic."""
        if self.ours:
            return "ours"
        if self.search:
            return f"search {self.search}"
        return " ".join(map(references.command_words, self.references))

    @property
    def identity(self) -> tuple[frozenset[Reference], str, bool]:
        """Return what is equal for two topics whose digests would be the same."""
        return frozenset(self.references), self.search, self.ours

    @property
    def weight(self) -> int:
        """Return about how many requests to Figshare a digest of it takes."""
        if self.ours:
            return _REQUESTS_FOR_OURS
        if self.search:
            return _REQUESTS_FOR_SEARCH
        return sum(_REQUESTS[reference.kind or "article"] for reference in self.references)


def parse_subscription(text: str) -> tuple[Topic, ScheduleWords]:
    """Return the topic and the schedule that the words after `subscribe` name, in this order.

    Raises InvalidArgument, whose example is a whole command.
    """
    tokens = tokenize(text)
    if _first_word(tokens) == "search":
        return _parse_search_subscription(text, tokens)
    topic_length = _topic_length(tokens)
    topic_text = text[: tokens[topic_length].start] if 0 < topic_length < len(tokens) else text
    try:
        if not topic_length:
            _suggest_without_command(text, tokens)
            return parse_topic(text), ScheduleWords()
        schedule, schedule_length = leading_schedule(tokens[topic_length:])
        end = topic_length + schedule_length
        if end < len(tokens):
            raise _not_understood(text, tokens[end])
        return parse_topic(topic_text), schedule
    except InvalidArgument as error:
        topic = " ".join(token.text for token in tokens[:topic_length])
        raise with_full_example(error, topic) from None


def _parse_search_subscription(text: str, tokens: Sequence[Token]) -> tuple[Topic, ScheduleWords]:
    """Return topic and schedule of `search …`.

    Any word may be searched for, so the schedule is looked for from the end.
    """
    try:
        schedule, start = trailing_schedule(tokens[1:])
        end = tokens[start + 1].start if start + 1 < len(tokens) else len(text)
        return parse_topic(text[:end]), schedule
    except InvalidArgument as error:
        raise with_full_example(error, SEARCH_EXAMPLE) from None


def _suggest_without_command(text: str, tokens: Sequence[Token]) -> None:
    """Raise InvalidArgument for `views 5616445 weekly`, which is how any other command is asked."""
    if len(tokens) > 1 and _is_subscription(remaining := text[tokens[1].start :]):
        raise InvalidArgument(tokens[0].text, _TOPICS, f"subscribe {remaining}")


def _not_understood(text: str, token: Token) -> InvalidArgument:
    """Return the error for a token that is no part of a schedule, with a correction that works."""
    phrase = completed_phrase(token.text)
    corrected = f"{text[: token.start]}{phrase}{text[token.end :]}"
    example = f"subscribe {corrected}" if _is_subscription(corrected) else phrase
    return InvalidArgument(token.text, "I don't understand this word in `subscribe`", example)


def _is_subscription(text: str) -> bool:
    """Return whether these words are references or `ours`, and then a schedule; a search is never refused."""
    tokens = tokenize(text)
    topic_length = _topic_length(tokens)
    try:
        schedule, schedule_length = leading_schedule(tokens[topic_length:])
        schedule.schedule("UTC")
    except InvalidArgument:
        return False
    return 0 < topic_length == len(tokens) - schedule_length


def with_full_example(error: InvalidArgument, topic: str) -> InvalidArgument:
    """Return the same error with an example that is a whole command about this topic."""
    if error.example.split(" ")[0] in ("subscribe", "help", ""):
        return error
    return InvalidArgument(error.argument, error.reason, f"subscribe {topic} {error.example}")


def parse_topic(text: str) -> Topic:
    """Return the topic that a text names, which holds no schedule; raises InvalidArgument."""
    tokens = tokenize(text)
    first = _first_word(tokens)
    if first == "search":
        search = text[tokens[0].end :].strip()
        if not search:
            reason = "what should I search for? Words in quotes are searched for, not read as a schedule"
            raise InvalidArgument("", reason, "subscribe search title:frog weekly")
        return Topic(search=search)
    if first == "ours" and len(tokens) == 1:
        return Topic(ours=True)
    named, length = _leading_references(tokens)
    if length < len(tokens) or not named:
        raise InvalidArgument(tokens[length].text if tokens else "", _TOPICS, SUBSCRIPTION_EXAMPLE)
    if len(named) > MAX_TOPIC_REFERENCES:
        raise InvalidArgument(
            "",
            f"a digest can cover up to {MAX_TOPIC_REFERENCES} references; this has {len(named)}",
            SUBSCRIPTION_EXAMPLE,
        )
    return Topic(tuple(dict.fromkeys(named)))


def _first_word(tokens: Sequence[Token]) -> str:
    return tokens[0].text.lower() if tokens and not tokens[0].quoted else ""


def _topic_length(tokens: Sequence[Token]) -> int:
    """Return how many tokens the topic takes that they begin with, which is not a search."""
    return 1 if _first_word(tokens) == "ours" else _leading_references(tokens)[1]


def _leading_references(tokens: Sequence[Token]) -> tuple[list[Reference], int]:
    """Return the references that tokens begin with, and how many tokens they take."""
    named, index = list[Reference](), 0
    while index < len(tokens) and not tokens[index].quoted:
        leading = references.leading_reference([token.text for token in tokens[index : index + 2]])
        if leading is None:
            break
        reference, length = leading
        named.append(reference)
        index += length
    return named, index
