"""What buttons and forms do, beside the commands they belong to."""

import re
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

    @property
    def number(self) -> int:
        """Return the number that the button carries; raises OldButton when it carries none."""
        if not re.fullmatch(r"[0-9]{1,12}", self.value):
            raise OldButton
        return int(self.value)


class OldButton(Exception):
    """Raised when what a button or a form carries is not, or no longer, what its action needs."""


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
