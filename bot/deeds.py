"""What buttons and forms do, beside the commands they belong to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.form import Choice, Value
from bot.reply import Reply
from bot.roles import Directory, Role

if TYPE_CHECKING:
    from bot.bot import Bot


@dataclass(frozen=True, slots=True)
class Act:
    """A press or a submission: who did it, what the button or form carried, and what was filled in.

    `key` names it: what comes twice has the same one.
    """

    deed: str
    user: str
    value: str = ""
    key: str = ""
    told: Mapping[str, Value] = field(default_factory=dict)
    people: Directory | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a button or a form does, and the role that it takes."""

    name: str
    role: Role
    handle: "Callable[[Bot, Act], Awaitable[Reply]]"


@dataclass(frozen=True, slots=True)
class Offers:
    """Something that finds the choices of a search field."""

    name: str
    role: Role
    handle: "Callable[[Bot, str], Awaitable[Sequence[Choice]]]"


def deed(name: str, *, role: Role) -> "Callable[[Callable[[Bot, Act], Awaitable[Reply]]], Deed]":
    """Make a function what a button or a form does; the role is checked before it runs."""
    return lambda handle: Deed(name, role, handle)


def offers(
    name: str, *, role: Role
) -> "Callable[[Callable[[Bot, str], Awaitable[Sequence[Choice]]]], Offers]":
    """Make a function what finds choices for what somebody types."""
    return lambda handle: Offers(name, role, handle)
