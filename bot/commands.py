"""The grammar that every door shares: which command was asked, and its usage string read as a grammar."""

import difflib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import ModuleType
from typing import Any, Protocol, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

from bot.language import references
from bot.language.parameters import DATED, YEAR, Reading, Slot, period, reference, rest, slots_of
from bot.language.tokens import LARGEST_ID, InvalidArgument, positive, received, scan
from bot.permissions import Directory, Role
from bot.reply import Choice, Reply, UserError, Value

T = TypeVar("T")

MOST_REFERENCES, MOST_PAGES = 10, 10_000
# so that the buttons below an answer can carry it
LONGEST_QUESTION = 1_500


class Ask(Struct, frozen=True):
    """A question: its words, the page of the answer, who asks, the day it is for them, and where they ask.

    `people` tells who they are, where somebody can.
    """

    words: str
    today: date
    page: int = 1
    user: str = ""
    people: Directory | None = None
    channel: str = ""

    def __post_init__(self) -> None:
        # Here, so that no door can forget it.
        force_setattr(self, "words", received(self.words))
        force_setattr(self, "page", min(max(self.page, 1), MOST_PAGES))


Handler = Callable[..., Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the bot can say; `task` is the line of `help` it stands in."""

    name: str
    usage: str
    task: str
    summary: str
    examples: tuple[str, ...]
    slots: tuple[Slot, ...]
    handle: Handler
    # It needs nothing but Figshare's answers and changes nothing, so it may be tried with the stored ones.
    quick: bool = False
    role: Role = ""
    # Its answers, whatever they say, are for the asker's eyes only.
    private: bool = False
    # how many characters a question may have
    longest: int = LONGEST_QUESTION
    # its answer depends on the day even where no word names one
    daily: bool = False

    def needs_today(self, ours: Callable[[], references.Reference], text: str) -> bool:
        """Tell whether the answer depends on the day it is for whoever asks."""
        if self.daily:
            return True
        if self.slots and self.slots[0].needed and " " not in text and "," not in text:
            # its one word is what the command is about, or nothing is answered
            return False
        if len(text) > self.longest or not any(slot.read in DATED for slot in self.slots):
            return False
        try:
            values = self.read(Reading(scan(text), ours, date.max), text)
        except InvalidArgument:
            return True
        return any(
            value is not None and slot.read in DATED for slot, value in zip(self.slots, values, strict=True)
        )

    def read(self, reading: Reading, text: str) -> list[Any]:
        """Give one value for each slot, in the order of the usage string; raises WrongWord."""
        if self.slots and self.slots[-1].read is rest:
            return [text]
        found: dict[int, list[Any]] = {}
        at = 0
        while at < len(reading.words):
            number, value, took = self._best(reading, at, found)
            found.setdefault(number, []).append(value)
            at += took
        return [self._value(slot, found.get(number, [])) for number, slot in enumerate(self.slots)]

    def _best(self, reading: Reading, at: int, found: dict[int, list[Any]]) -> tuple[int, Any, int]:
        best: tuple[int, Any, int] | None = None
        nearly: InvalidArgument | None = None
        for number, slot in enumerate(self.slots):
            if number in found and (not slot.many or self._is_year(reading, at)):
                continue
            try:
                read = slot.read(reading, at)
            except InvalidArgument as wrong:
                nearly = wrong
                continue
            if read is not None and (best is None or read[1] > best[2]):
                best = (number, *read)
                if at + read[1] == len(reading.words):
                    # no other slot can read more
                    break
        if best is None:
            raise nearly or self._not_understood(reading, at, found)
        return best

    def _is_year(self, reading: Reading, at: int) -> bool:
        # 1990-2099 as the last word after a reference is a year, where the command knows periods.
        last = at == len(reading.words) - 1
        return (
            last
            and bool(YEAR.fullmatch(reading.words[at].text))
            and any(s.read is period for s in self.slots)
        )

    def _not_understood(self, reading: Reading, at: int, found: dict[int, list[Any]]) -> InvalidArgument:
        word, why = reading.words[at].text, f"I don't understand this word in `{self.name}`"
        if references.is_file_link(word):
            why = "that is the address of a file; Figshare does not tell which item it belongs to"
        elif self._has_reference(found) and references.said(reading.texts(at)) is not None:
            why = f"`{self.name}` takes one reference"
        return InvalidArgument(word, why, self.example)

    def _has_reference(self, found: dict[int, list[Any]]) -> bool:
        return any(number in found and slot.read is reference for number, slot in enumerate(self.slots))

    def _value(self, slot: Slot, values: list[Any]) -> Any:
        if slot.needed and not values:
            raise InvalidArgument("", f"`{self.name}` needs {_NEEDS.get(slot.said, slot.said)}", self.example)
        if slot.many:
            if len(values) > MOST_REFERENCES:
                raise InvalidArgument(
                    "",
                    f"{len(values)} references are too many for one question: at most {MOST_REFERENCES}",
                    self.example,
                )
            return list(dict.fromkeys(values))
        return values[0] if values else None

    @property
    def example(self) -> str:
        """Give words that work."""
        return self.examples[0] if self.examples else self.name


_NEEDS = {
    "reference": "an item: its number, DOI or address",
    "N": "the number of a digest; `subscriptions` lists them",
}


def command(
    usage: str,
    *,
    task: str,
    examples: Sequence[str],
    quick: bool = False,
    role: Role = "",
    private: bool = False,
    longest: int = LONGEST_QUESTION,
    daily: bool = False,
) -> Callable[[Handler], Command]:
    """Make a handler a command; its docstring's first line is what `help` and the README say.

    What takes a role is private without saying so.
    """
    name = re.split(r"(?<!\s)\s+[<\[]", usage, maxsplit=1)[0]

    def made(handle: Handler) -> Command:
        summary = (handle.__doc__ or "").strip().split("\n")[0]
        slots = slots_of(usage[len(name) :])
        return Command(
            name,
            usage,
            task,
            summary,
            tuple(examples),
            slots,
            handle,
            quick,
            role,
            private or bool(role),
            longest,
            daily,
        )

    return made


class InvalidValue(UserError):
    """Raised for a value that no button or form of ours carries, or not any more."""

    def __init__(self) -> None:
        super().__init__("This button no longer works.", "Please ask again.")


def number(value: str, largest: int = LARGEST_ID) -> int:
    """Return the number that a button carries; raises InvalidValue."""
    found = positive(value)
    if found is None or found > largest:
        raise InvalidValue
    return found


def decoded(value: str, kind: type[T]) -> T:
    """Return the object that a form kept; raises InvalidValue."""
    try:
        return msgspec.json.decode(value, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise InvalidValue from None


@dataclass(frozen=True, slots=True)
class Act:
    """A press or a submission: who did it, what the button or form carried, and what was filled in.

    `key` names it: what comes twice has the same one. `value` is a claim, since people can send any value
    with a button of ours; `kept` is what a form kept, and signed for this person.
    """

    deed: str
    user: str
    value: str = ""
    key: str = ""
    told: Mapping[str, Value] = field(default_factory=dict)
    people: Directory | None = None
    channel: str = ""
    kept: str = ""

    def __post_init__(self) -> None:
        # Here, so that no door can forget it.
        object.__setattr__(self, "value", received(self.value))
        object.__setattr__(self, "key", received(self.key))
        object.__setattr__(self, "told", {name: _received(value) for name, value in self.told.items()})


def _received(value: Value) -> Value:
    if isinstance(value, str):
        return received(value)
    return tuple(Choice(received(each.label), received(each.value)) for each in value)


class ActHandler(Protocol):
    """A function that does what a button or a form asks for."""

    def __call__(self, bot: Any, act: Act, /) -> Awaitable[Reply]:
        """Return the reply to the act."""


class OffersHandler(Protocol):
    """A function that finds the choices of a search field."""

    def __call__(self, bot: Any, words: str, /) -> Awaitable[Sequence[Choice]]:
        """Return the choices for what somebody has typed so far."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a button or a form does, the role that it takes, and whether its answers are private."""

    name: str
    role: Role
    private: bool
    handle: ActHandler


@dataclass(frozen=True, slots=True)
class Offers:
    """Something that finds the choices of a search field."""

    name: str
    role: Role
    handle: OffersHandler


def deed(name: str, *, role: Role, private: bool = False) -> Callable[[ActHandler], Deed]:
    """Make a function what a button or a form does; its role is checked first, and implies private."""
    return lambda handle: Deed(name, role, private or bool(role), handle)


def offers(name: str, *, role: Role) -> Callable[[OffersHandler], Offers]:
    """Make a function what finds choices for what somebody types."""
    return lambda handle: Offers(name, role, handle)


class Commands:
    """Everything the bot can do: the modules of the table of contents, in its order."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        found = [each for module in modules for each in vars(module).values()]
        self.all = [each for each in found if isinstance(each, Command)]
        self.deeds = {each.name: each for each in found if isinstance(each, Deed)}
        self.offers = {each.name: each for each in found if isinstance(each, Offers)}
        self._named = {each.name: each for each in self.all}
        self.longest = max(name.count(" ") + 1 for name in self._named)

    @property
    def names(self) -> frozenset[str]:
        """Give every name that a person can cause something by: commands, buttons, forms, search fields."""
        return frozenset({*self._named, *self.deeds, *self.offers, "form"})

    def order(self, one: Command) -> int:
        """Give the place of a command's task in `help`: where the task is first named."""
        return [each.task for each in self.all].index(one.task)

    def __getitem__(self, name: str) -> Command:
        return self._named[name]

    def find(self, text: str) -> tuple[Command, str] | None:
        """Give the command these words mean and the words it reads, or nothing."""
        if not text:
            return self._named["help"], ""
        if text.lower() == "ours":
            return self._named["stats"], text
        return self.by_name(text) or self._by_reference(text)

    def by_name(self, text: str) -> tuple[Command, str] | None:
        """Give the command whose name these words begin with and the words after it, or nothing."""
        words = text.split(" ", self.longest)
        for count in range(min(self.longest, len(words)), 0, -1):
            found = self._named.get(" ".join(words[:count]).lower())
            if found is not None:
                return found, text.split(" ", count)[count] if len(words) > count else ""
        return None

    def _by_reference(self, text: str) -> tuple[Command, str] | None:
        said = references.said([word.text for word in scan(text, 2)])
        if said is None and references.is_file_link(text):
            return self._named["item"], text
        if said is None:
            return None
        kind = said[0].kind
        name = {"author": "stats", "group": "stats", "collection": "collection", "project": "project"}.get(
            kind or ""
        )
        return self._named[name or "item"], text

    def nearest(self, text: str) -> Command | None:
        """Give the command that was probably meant: the one it begins, or the one spelled most alike."""
        word = text.split(" ", 1)[0].lower().lstrip("/")
        if len(word) >= 2:
            for name, found in self._named.items():
                if name.startswith(word) or (len(name) >= 3 and word.startswith(name)):
                    return found
        close = difflib.get_close_matches(word, self._named, n=1, cutoff=0.6)
        return self._named[close[0]] if close else None
