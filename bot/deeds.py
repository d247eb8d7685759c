"""What buttons and forms do, beside the commands they belong to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import msgspec

from bot.figshare.terms import positive
from bot.form import Choice, Value
from bot.reply import Reply
from bot.roles import Directory, Role
from bot.words import LARGEST_ID, received

if TYPE_CHECKING:
    from bot.bot import Bot


T = TypeVar("T")


class InvalidValue(Exception):
    """Raised for a value that no button or form of ours carries, or not any more."""


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


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a button or a form does, the role that it takes, and whether its answers are private."""

    name: str
    role: Role
    private: bool
    handle: "Callable[[Bot, Act], Awaitable[Reply]]"


@dataclass(frozen=True, slots=True)
class Offers:
    """Something that finds the choices of a search field."""

    name: str
    role: Role
    handle: "Callable[[Bot, str], Awaitable[Sequence[Choice]]]"


def deed(
    name: str, *, role: Role, private: bool = False
) -> "Callable[[Callable[[Bot, Act], Awaitable[Reply]]], Deed]":
    """Make a function what a button or a form does; its role is checked first, and implies private."""
    return lambda handle: Deed(name, role, private or bool(role), handle)


def offers(
    name: str, *, role: Role
) -> "Callable[[Callable[[Bot, str], Awaitable[Sequence[Choice]]]], Offers]":
    """Make a function what finds choices for what somebody types."""
    return lambda handle: Offers(name, role, handle)
