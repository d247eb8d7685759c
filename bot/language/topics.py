"""What a digest is of: references, `ours`, or a search."""

from collections.abc import Sequence

from msgspec import Struct

from bot.language import references
from bot.language.references import Reference
from bot.language.schedule_parser import ScheduleWords, ending, meant, read
from bot.language.tokens import InvalidArgument, Token, tokenize

MOST = 200
_SEARCHED = "search title:frog"
_WHAT = "a digest is of references, `ours`, or `search …`"
EXAMPLE = "subscribe 5616445 weekly on monday at 09:00"
# Requests to Figshare: a record, totals, two timelines; then lists, and the timelines of what is in them.
_WEIGHTS = {"article": 4, "author": 3, "group": 9, "collection": 30, "project": 30}
_OURS, _SEARCH = 20, 30


class Topic(Struct, frozen=True):
    """The things, by their words; or the words of a search; or ours."""

    references: tuple[Reference, ...] = ()
    search: str = ""
    ours: bool = False

    @property
    def words(self) -> str:
        """Write it as `subscribe` reads it."""
        if self.ours:
            return "ours"
        if self.search:
            return f"search {self.search}"
        return " ".join(map(references.words, self.references))

    @property
    def same(self) -> tuple[frozenset[Reference], str, bool]:
        """Give what two have in common that bring the same."""
        return frozenset(self.references), self.search, self.ours

    @property
    def weight(self) -> int:
        """Tell about how many requests a digest of it takes."""
        if self.ours:
            return _OURS
        if self.search:
            return _SEARCH
        return sum(_WEIGHTS[each.kind or "article"] for each in self.references)


def parse_subscription(text: str) -> tuple[Topic, ScheduleWords]:
    """Return the topic and the schedule that the words of `subscribe` name, in this order.

    Raises InvalidArgument, whose example is a whole command.
    """
    words = tokenize(text)
    first = words[0].text.lower() if words and not words[0].quoted else ""
    try:
        if first == "search":
            at, said = ending(words[1:])
            end = words[at + 1].start if at + 1 < len(words) else len(text)
            return parse_topic(text[:end]), said
        took = 1 if first == "ours" else _references(words)[1]
        if not took:
            if len(words) > 1 and _works(asked := text[words[1].start :]):
                # `views 5616445` is how anything else is asked.
                raise InvalidArgument(words[0].text, _WHAT, f"subscribe {asked}")
            return parse_topic(text), ScheduleWords()
        said, read_on = read(words[took:])
        if took + read_on < len(words):
            wrong = words[took + read_on]
            mended = f"{text[: wrong.start]}{meant(wrong.text)}{text[wrong.end :]}"
            example = f"subscribe {mended}" if _works(mended) else meant(wrong.text)
            raise InvalidArgument(wrong.text, "I don't understand this word in `subscribe`", example)
        return parse_topic(text[: words[took].start] if took < len(words) else text), said
    except InvalidArgument as wrong:
        raise with_full_example(
            wrong, " ".join(word.text for word in words[:took]) if first != "search" else _SEARCHED
        ) from None


def _works(text: str) -> bool:
    """Tell whether these words name things, and then when; of a search anything would."""
    words = tokenize(text)
    took = 1 if words[0].text.lower() == "ours" else _references(words)[1]
    try:
        said, read_on = read(words[took:])
        said.schedule("UTC")
    except InvalidArgument:
        return False
    return 0 < took == len(words) - read_on


def with_full_example(wrong: InvalidArgument, wanted: str) -> InvalidArgument:
    """Give the same with an example that is a whole command."""
    if wrong.example.split(" ")[0] in ("subscribe", "help", ""):
        return wrong
    return InvalidArgument(wrong.argument, wrong.reason, f"subscribe {wanted} {wrong.example}")


def parse_topic(text: str) -> Topic:
    """Read what alone, without when; raises InvalidArgument."""
    words = tokenize(text)
    first = words[0].text.lower() if words and not words[0].quoted else ""
    if first == "search":
        sought = text[words[0].end :].strip()
        if not sought:
            why = "what for? Words in quotes are searched for, not read as a schedule"
            raise InvalidArgument("search", why, "subscribe search title:frog weekly")
        return Topic(search=sought)
    if first == "ours" and len(words) == 1:
        return Topic(ours=True)
    found, took = _references(words)
    if took < len(words) or not found:
        raise InvalidArgument(words[took].text if words else "", _WHAT, EXAMPLE)
    if len(found) > MOST:
        raise InvalidArgument(
            "", f"{len(found)} references are too many for one digest: at most {MOST}", EXAMPLE
        )
    return Topic(tuple(dict.fromkeys(found)))


def _references(words: Sequence[Token]) -> tuple[list[Reference], int]:
    """Give the references that words begin with, and how many words those are."""
    found, at = list[Reference](), 0
    while at < len(words) and not words[at].quoted:
        said = references.said([word.text for word in words[at : at + 2]])
        if said is None:
            break
        found.append(said[0])
        at += said[1]
    return found, at
