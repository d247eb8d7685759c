"""A press or a submission, and the actions and options that handlers declare for them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import msgspec

from bot.language.tokens import LARGEST_ID, positive_int, sanitize
from bot.permissions import Directory, Role
from bot.reply import Choice, Reply, UserError, Value

T = TypeVar("T")


class InvalidValue(UserError):
    """Raised when a button or a form carries a value that the bot doesn't give to any."""

    def __init__(self) -> None:
        super().__init__("This button no longer works.", "Please ask again.")


def parse_id(value: str, largest: int = LARGEST_ID) -> int:
    """Return the id that a button or a chosen option carries; raises InvalidValue."""
    id = positive_int(value)
    if id is None or id > largest:
        raise InvalidValue
    return id


def decode_metadata(private_metadata: str, kind: type[T]) -> T:
    """Return the object in a form's private metadata; raises InvalidValue."""
    try:
        return msgspec.json.decode(private_metadata, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise InvalidValue from None


@dataclass(frozen=True, slots=True)
class Interaction:
    """A press of a button or a submission of a form: who did it, what it carried, and what was filled in.

    An interaction that Slack sends twice has the same `idempotency_key`. `value` is only a claim, since
    people can send any value with a button of ours; `private_metadata` was signed for this person.
    """

    action_id: str
    user: str
    value: str = ""
    idempotency_key: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    directory: Directory | None = None
    channel: str = ""
    private_metadata: str = ""

    def __post_init__(self) -> None:
        # Sanitized here, so that no caller can forget it.
        object.__setattr__(self, "value", sanitize(self.value))
        object.__setattr__(self, "idempotency_key", sanitize(self.idempotency_key))
        object.__setattr__(self, "values", {name: _sanitized(value) for name, value in self.values.items()})


def _sanitized(value: Value) -> Value:
    if isinstance(value, str):
        return sanitize(value)
    return tuple(Choice(sanitize(choice.label), sanitize(choice.value)) for choice in value)


class ActionHandler(Protocol):
    """A handler of a button or a form."""

    def __call__(self, bot: Any, interaction: Interaction, /) -> Awaitable[Reply]:
        """Return the reply to the interaction."""


class OptionsHandler(Protocol):
    """A handler of a search field."""

    def __call__(self, bot: Any, words: str, /) -> Awaitable[Sequence[Choice]]:
        """Return the choices for what a person has typed so far."""


@dataclass(frozen=True, slots=True)
class Action:
    """What a button or a form does, the role that it needs, and whether its replies are private."""

    name: str
    role: Role
    is_private: bool
    handler: ActionHandler


@dataclass(frozen=True, slots=True)
class Options:
    """What finds the choices of a search field, and the role that it needs."""

    name: str
    role: Role
    handler: OptionsHandler


def action(name: str, *, role: Role, is_private: bool = False) -> Callable[[ActionHandler], Action]:
    """Declare the handler of a button or a form; an action that needs a role is private."""
    return lambda handler: Action(name, role, is_private or bool(role), handler)


def options(name: str, *, role: Role) -> Callable[[OptionsHandler], Options]:
    """Declare the handler of a search field."""
    return lambda handler: Options(name, role, handler)
