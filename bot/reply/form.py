"""What a form asks and what was filled in, before anybody decides how it looks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from bot.reply.spans import Line


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: what people read and what stands for it."""

    label: str
    value: str


# What a field holds: text, or what was chosen.
Value = str | tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A question of a form; `search` finds its choices while somebody types."""

    name: str
    label: str
    kind: Literal["line", "text", "choice", "search"] = "line"
    value: Value = ""
    hint: str = ""
    required: bool = False
    max_length: int = 1_000
    choices: tuple[Choice, ...] = ()
    # who finds the choices of a search
    options_action: str = ""
    # another when the form shows another value than before: what is there is kept otherwise
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form: `deed` takes what was filled in, `opener` makes the form again, `kept` goes to both.

    With `fill` it is only the beginning: that gives the form itself, and may take its time.
    """

    title: str
    submit_action: str = ""
    submit_label: str = ""
    fields: tuple[Field, ...] = ()
    intro: tuple[Line, ...] = ()
    private_metadata: str = ""
    reopen_action: str = ""
    load: Callable[[], Awaitable["Form"]] | None = None
