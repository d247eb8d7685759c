"""What a form asks and what was entered, before it is decided how it looks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from bot.reply.spans import Line


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a field: the label that people read and the value that stands for it."""

    label: str
    value: str


# What a field holds: text, or the options that were chosen.
Value = str | tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form, in which one thing can be chosen or, of `choices` and in a `search`, several.

    What a `search` and a `find` offer is looked for while somebody types. A `time` holds `09:00`.
    """

    name: str
    label: str
    kind: Literal["line", "text", "choice", "choices", "search", "find", "time"] = "line"
    value: Value = ""
    hint: str = ""
    required: bool = False
    max_length: int = 1_000
    choices: tuple[Choice, ...] = ()
    # The action that finds what a search or a find offers.
    options_action: str = ""
    # Slack keeps what was typed when a form is updated, unless the field has another revision.
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form: `submit_action` is given what was entered, `reopen_action` builds the form again.

    `private_metadata` is handed to both. A form with `load` is only a placeholder: `load` returns the form
    itself, which may take longer than Slack waits for a form to open.
    """

    title: str
    submit_action: str = ""
    submit_label: str = ""
    fields: tuple[Field, ...] = ()
    intro: tuple[Line, ...] = ()
    private_metadata: str = ""
    reopen_action: str = ""
    load: Callable[[], Awaitable["Form"]] | None = None
