"""A press or a submission, and the actions and options that handlers declare for them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import msgspec

from bot.language.tokens import LARGEST_ID, positive, received
from bot.permissions import Directory, Role
from bot.reply import Choice, Reply, UserError, Value

T = TypeVar("T")


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
class Interaction:
    """A press or a submission: who did it, what the button or form carried, and what was filled in.

    `key` names it: what comes twice has the same one. `value` is a claim, since people can send any value
    with a button of ours; `kept` is what a form kept, and signed for this person.
    """

    action_id: str
    user: str
    value: str = ""
    idempotency_key: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    people: Directory | None = None
    channel: str = ""
    private_metadata: str = ""

    def __post_init__(self) -> None:
        # Here, so that no door can forget it.
        object.__setattr__(self, "value", received(self.value))
        object.__setattr__(self, "idempotency_key", received(self.idempotency_key))
        object.__setattr__(self, "values", {name: _received(value) for name, value in self.values.items()})


def _received(value: Value) -> Value:
    if isinstance(value, str):
        return received(value)
    return tuple(Choice(received(each.label), received(each.value)) for each in value)


class ActionHandler(Protocol):
    """A function that does what a button or a form asks for."""

    def __call__(self, bot: Any, interaction: Interaction, /) -> Awaitable[Reply]:
        """Return the reply to the act."""


class OptionsHandler(Protocol):
    """A function that finds the choices of a search field."""

    def __call__(self, bot: Any, words: str, /) -> Awaitable[Sequence[Choice]]:
        """Return the choices for what somebody has typed so far."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a button or a form does, the role that it takes, and whether its answers are private."""

    name: str
    role: Role
    is_private: bool
    handler: ActionHandler


@dataclass(frozen=True, slots=True)
class Options:
    """Something that finds the choices of a search field."""

    name: str
    role: Role
    handler: OptionsHandler


def action(name: str, *, role: Role, is_private: bool = False) -> Callable[[ActionHandler], Action]:
    """Make a function what a button or a form does; its role is checked first, and implies is_private."""
    return lambda handle: Action(name, role, is_private or bool(role), handle)


def options(name: str, *, role: Role) -> Callable[[OptionsHandler], Options]:
    """Make a function what finds choices for what somebody types."""
    return lambda handle: Options(name, role, handle)
