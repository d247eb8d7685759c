"""A command: its usage string read as a grammar, and the handler that answers."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.commands.question import LONGEST_QUESTION
from bot.language import references
from bot.language.parameters import (
    DATED,
    YEAR,
    Parameter,
    ParseContext,
    parameters_of,
    period,
    reference,
    rest,
)
from bot.language.tokens import InvalidArgument, tokenize
from bot.permissions import Role
from bot.reply import Reply

MOST_REFERENCES = 10

Handler = Callable[..., Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the bot can say; `task` is the line of `help` it stands in."""

    name: str
    usage: str
    task: str
    summary: str
    examples: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    handler: Handler
    # It needs nothing but Figshare's answers and changes nothing, so it may be tried with the stored ones.
    is_cacheable: bool = False
    role: Role = ""
    # Its answers, whatever they say, are for the asker's eyes only.
    is_private: bool = False
    # how many characters a question may have
    max_length: int = LONGEST_QUESTION
    # its answer depends on the day even where no word names one
    depends_on_today: bool = False

    def needs_today(self, ours: Callable[[], references.Reference], text: str) -> bool:
        """Tell whether the answer depends on the day it is for whoever asks."""
        if self.depends_on_today:
            return True
        if self.parameters and self.parameters[0].required and " " not in text and "," not in text:
            # its one word is what the command is about, or nothing is answered
            return False
        if len(text) > self.max_length or not any(slot.parse in DATED for slot in self.parameters):
            return False
        try:
            values = self.parse(ParseContext(tokenize(text), ours, date.max), text)
        except InvalidArgument:
            return True
        return any(
            value is not None and slot.parse in DATED
            for slot, value in zip(self.parameters, values, strict=True)
        )

    def parse(self, reading: ParseContext, text: str) -> list[Any]:
        """Give one value for each slot, in the order of the usage string; raises InvalidArgument."""
        if self.parameters and self.parameters[-1].parse is rest:
            return [text]
        found: dict[int, list[Any]] = {}
        at = 0
        while at < len(reading.tokens):
            number, value, took = self._longest_match(reading, at, found)
            found.setdefault(number, []).append(value)
            at += took
        return [self._value(slot, found.get(number, [])) for number, slot in enumerate(self.parameters)]

    def _longest_match(
        self, reading: ParseContext, at: int, found: dict[int, list[Any]]
    ) -> tuple[int, Any, int]:
        best: tuple[int, Any, int] | None = None
        nearly: InvalidArgument | None = None
        for number, slot in enumerate(self.parameters):
            if number in found and (not slot.repeated or self._is_year(reading, at)):
                continue
            try:
                read = slot.parse(reading, at)
            except InvalidArgument as wrong:
                nearly = wrong
                continue
            if read is not None and (best is None or read[1] > best[2]):
                best = (number, *read)
                if at + read[1] == len(reading.tokens):
                    # no other slot can read more
                    break
        if best is None:
            raise nearly or self._not_understood(reading, at, found)
        return best

    def _is_year(self, reading: ParseContext, at: int) -> bool:
        # 1990-2099 as the last word after a reference is a year, where the command knows periods.
        last = at == len(reading.tokens) - 1
        return (
            last
            and bool(YEAR.fullmatch(reading.tokens[at].text))
            and any(s.parse is period for s in self.parameters)
        )

    def _not_understood(self, reading: ParseContext, at: int, found: dict[int, list[Any]]) -> InvalidArgument:
        word, why = reading.tokens[at].text, f"I don't understand this word in `{self.name}`"
        if references.is_file_link(word):
            why = "that is the address of a file; Figshare does not tell which item it belongs to"
        elif self._has_reference(found) and references.said(reading.texts(at)) is not None:
            why = f"`{self.name}` takes one reference"
        return InvalidArgument(word, why, self.example)

    def _has_reference(self, found: dict[int, list[Any]]) -> bool:
        return any(number in found and slot.parse is reference for number, slot in enumerate(self.parameters))

    def _value(self, slot: Parameter, values: list[Any]) -> Any:
        if slot.required and not values:
            raise InvalidArgument("", f"`{self.name}` needs {_NEEDS.get(slot.name, slot.name)}", self.example)
        if slot.repeated:
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
    is_cacheable: bool = False,
    role: Role = "",
    is_private: bool = False,
    max_length: int = LONGEST_QUESTION,
    depends_on_today: bool = False,
) -> Callable[[Handler], Command]:
    """Make a handler a command; its docstring's first line is what `help` and the README say.

    What takes a role is private without saying so.
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
