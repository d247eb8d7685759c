"""A command: its usage string read as a grammar, and the handler that answers."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.commands.question import DEFAULT_MAX_LENGTH
from bot.language import references
from bot.language.parameters import (
    TODAY_DEPENDENT,
    YEAR,
    Parameter,
    ParseContext,
    parameters_of,
    period_argument,
    reference_argument,
    remaining_text,
)
from bot.language.tokens import InvalidArgument, tokenize
from bot.permissions import Role
from bot.reply import Reply

MAX_REFERENCES = 10

Handler = Callable[..., Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its usage string is the grammar that reads its arguments, and what `help` shows."""

    name: str
    usage: str
    # the line of `help` it stands in
    task: str
    summary: str
    examples: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    handler: Handler
    # It needs nothing but Figshare's answers and changes nothing, so cached ones can answer it at once.
    is_cacheable: bool = False
    role: Role = ""
    # Only the asker sees its replies, whatever they say.
    is_private: bool = False
    # how many characters a question can have
    max_length: int = DEFAULT_MAX_LENGTH
    # The answer depends on the day even where no argument names one.
    depends_on_today: bool = False

    @property
    def example(self) -> str:
        """Return a question that works."""
        return self.examples[0] if self.examples else self.name

    def needs_today(self, ours: Callable[[], references.Reference], text: str) -> bool:
        """Return whether the answer depends on the asker's day."""
        if self.depends_on_today:
            return True
        if self.parameters and self.parameters[0].required and " " not in text and "," not in text:
            # The only argument is the one that is required, and so no date.
            return False
        if len(text) > self.max_length or not any(one.parse in TODAY_DEPENDENT for one in self.parameters):
            return False
        try:
            values = self.parse(ParseContext(tokenize(text), ours, date.max), text)
        except InvalidArgument:
            return True
        return any(
            value is not None and parameter.parse in TODAY_DEPENDENT
            for parameter, value in zip(self.parameters, values, strict=True)
        )

    def parse(self, context: ParseContext, text: str) -> list[Any]:
        """Return a value for each parameter, in the order of the usage string.

        Arguments can stand in any order: the parameter that can read most of what follows takes it.
        Raises InvalidArgument.
        """
        if self.parameters and self.parameters[-1].parse is remaining_text:
            return [text]
        values: dict[int, list[Any]] = {}
        position = 0
        while position < len(context.tokens):
            number, value, length = self._longest_match(context, position, values)
            values.setdefault(number, []).append(value)
            position += length
        return [self._value(one, values.get(number, [])) for number, one in enumerate(self.parameters)]

    def _longest_match(
        self, context: ParseContext, position: int, values: dict[int, list[Any]]
    ) -> tuple[int, Any, int]:
        """Return the parameter that reads most tokens from a position on: its number, its value, how many."""
        longest: tuple[int, Any, int] | None = None
        nearly: InvalidArgument | None = None
        for number, parameter in enumerate(self.parameters):
            if number in values and (not parameter.repeated or self._is_year(context, position)):
                continue
            try:
                match = parameter.parse(context, position)
            except InvalidArgument as error:
                nearly = error
                continue
            if match is not None and (longest is None or match[1] > longest[2]):
                longest = (number, *match)
                if position + match[1] == len(context.tokens):
                    # No other parameter can read more.
                    break
        if longest is None:
            raise nearly or self._invalid_argument(context, position, values)
        return longest

    def _is_year(self, context: ParseContext, position: int) -> bool:
        # 1990-2099 as the last word after a reference is a year, where the command knows periods.
        return (
            position == len(context.tokens) - 1
            and YEAR.fullmatch(context.tokens[position].text) is not None
            and any(parameter.parse is period_argument for parameter in self.parameters)
        )

    def _invalid_argument(
        self, context: ParseContext, position: int, values: dict[int, list[Any]]
    ) -> InvalidArgument:
        word, reason = context.tokens[position].text, f"I don't understand this word in `{self.name}`"
        has_reference = any(self.parameters[number].parse is reference_argument for number in values)
        if references.is_file_link(word):
            reason = "that's a link to a file, and Figshare doesn't say which item it belongs to"
        elif has_reference and references.leading_reference(context.texts(position)) is not None:
            reason = f"`{self.name}` takes one reference"
        return InvalidArgument(word, reason, self.example)

    def _value(self, parameter: Parameter, values: list[Any]) -> Any:
        if parameter.required and not values:
            needed = _DESCRIPTIONS.get(parameter.name, parameter.name)
            raise InvalidArgument("", f"`{self.name}` needs {needed}", self.example)
        if not parameter.repeated:
            return values[0] if values else None
        if len(values) > MAX_REFERENCES:
            reason = f"you can ask about up to {MAX_REFERENCES} references at once; this has {len(values)}"
            raise InvalidArgument("", reason, self.example)
        return list(dict.fromkeys(values))


_DESCRIPTIONS = {
    "reference": "an item: its number, DOI or address",
    "N": "the number of a digest; `subscriptions` lists them",
}


def command(
    usage: str,
    *,
    task: str,
    examples: Sequence[str],
    is_cacheable: bool = False,
    role: Role = "",
    is_private: bool = False,
    max_length: int = DEFAULT_MAX_LENGTH,
    depends_on_today: bool = False,
) -> Callable[[Handler], Command]:
    """Declare the handler of a command; the first line of its docstring stands in `help` and in the README.

    A command that needs a role is private.
    """
    name = re.split(r"(?<!\s)\s+[<\[]", usage, maxsplit=1)[0]

    def register(handler: Handler) -> Command:
        summary = (handler.__doc__ or "").strip().split("\n")[0]
        parameters = parameters_of(usage[len(name) :])
        return Command(
            name,
            usage,
            task,
            summary,
            tuple(examples),
            parameters,
            handler,
            is_cacheable,
            role,
            is_private or bool(role),
            max_length,
            depends_on_today,
        )

    return register
