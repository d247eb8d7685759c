"""A command: its usage string read as a grammar, and the handler that answers."""

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from msgspec.structs import replace

from bot.commands.batches import BATCH_SIZE, Batch, first_batch
from bot.commands.plain_words import PlainWords
from bot.commands.question import DEFAULT_MAX_LENGTH
from bot.language import references
from bot.language.parameters import (
    OURS,
    TODAY_DEPENDENT,
    YEAR,
    Parameter,
    ParseContext,
    period_argument,
    reference_argument,
    refuse_years,
    remaining_text,
)
from bot.language.periods import Period
from bot.language.references import Kind, Reference
from bot.language.tokens import InvalidArgument, tokenize
from bot.permissions import Role
from bot.reply import Reply

# Reading as many takes a quarter of a second.
MAX_REFERENCES = 500
ALL_KINDS = frozenset[Kind](("article", "collection", "project", "author", "group"))

# What may stand between two arguments.
_SEPARATORS = frozenset(" ,;")

Handler = Callable[..., Awaitable[Reply]]


class Match(NamedTuple):
    """What a parameter reads: its index, where its tokens begin, its value, and how many tokens it takes."""

    parameter_index: int
    position: int
    value: Any
    length: int

    @property
    def end(self) -> int:
        """Return where the next match begins."""
        return self.position + self.length


class Alternatives(NamedTuple):
    """What there is in place of words that no argument reads: a sentence, and words that work there."""

    reason: str
    words: tuple[str, ...]
    length: int = 1  # of how many of the words


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its usage string is the grammar that reads its arguments, and what `help` shows.

    `task` is the heading of `help` under which it stands, `details` are paragraphs that its own help adds,
    `max_length` is how many characters a question may have.
    """

    name: str
    usage: str
    task: str
    summary: str
    examples: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    handler: Handler
    details: tuple[str, ...] = ()
    # It needs nothing but Figshare's answers and changes nothing, so cached ones can answer it at once.
    is_cacheable: bool = False
    role: Role = ""
    # Only the person who asked sees its replies, whatever they say.
    is_private: bool = False
    max_length: int = DEFAULT_MAX_LENGTH
    # The answer depends on the day even if no argument names one.
    depends_on_today: bool = False
    # Returns what there is in place of words that no argument reads, or None where it doesn't know them.
    alternatives: Callable[[Sequence[str]], Alternatives | None] | None = None
    plain: PlainWords = field(default_factory=PlainWords)
    # What kinds of things it says something about.
    kinds: frozenset[Kind] = ALL_KINDS
    # Raises UserError for what would be refused anyway, or returns the words for what it is about.
    validate: Callable[..., object] | None = None

    @property
    def is_guessable(self) -> bool:
        """Return whether a plain question may be read as this command, which then only reads."""
        return self.plain.words is not None and not self.role

    @property
    def takes_text(self) -> bool:
        """Return whether it reads the text after its name itself, whatever its usage string shows."""
        return bool(self.parameters) and self.parameters[-1].parse is remaining_text

    @property
    def is_repeatable(self) -> bool:
        """Return whether asking twice changes nothing: what is about drafts and digests may change them."""
        return self.task not in ("Draft", "Digests") or self.role == "reads"

    @property
    def example(self) -> str:
        """Return a question that works."""
        return self.examples[0] if self.examples else self.name

    def needs_today(self, ours: Callable[[str, bool], Reference], text: str) -> bool:
        """Return whether the answer depends on what day it is for the person who asks."""
        if self.depends_on_today:
            return True
        if self.parameters and self.parameters[0].required and not _SEPARATORS.intersection(text):
            # The only argument is the required one, which is no date.
            return False
        if self.takes_text or len(text) > self.max_length:
            return False
        try:
            # On the last of all days nothing is refused for being in the future.
            values = self.parse(ParseContext(tokenize(text), ours, date.max, (1, 1)), text)
        except InvalidArgument:
            # Another command may read a period in it.
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
        if self.takes_text:
            return [text]
        values: dict[int, list[Any]] = {}
        for match in self._matches(context):
            values.setdefault(match.parameter_index, []).append(match.value)
        if any(OURS in of_parameter for of_parameter in values.values()):
            is_over_time = any(isinstance(value, Period) and value.start for [value, *_] in values.values())
            ours = context.ours(self.name, is_over_time)
            for index, of_parameter in values.items():
                values[index] = [ours if value == OURS else value for value in of_parameter]
        return [
            self._value(parameter, values.get(index, [])) for index, parameter in enumerate(self.parameters)
        ]

    def first_batch(
        self, context: ParseContext, text: str, values: list[Any]
    ) -> tuple[list[Any], Batch | None]:
        """Return parsed values with ten references at most, and the batch of those that follow, if any."""
        if all(not isinstance(value, list) or len(value) <= BATCH_SIZE for value in values):
            return values, None
        other_words = " ".join(
            text[context.tokens[match.position].start : context.tokens[match.end - 1].end]
            for match in self._matches(context)
            if not self.parameters[match.parameter_index].repeated
        )
        return first_batch(self.name, values, other_words)

    def _matches(self, context: ParseContext) -> list[Match]:
        """Return what the parameters read, in the order of the words; raises InvalidArgument."""
        matches, values, position = list[Match](), dict[int, list[Any]](), 0
        while position < len(context.tokens):
            self._refuse_years(context, position, values)
            match = self.longest_match(context, position, values)
            if match is None:
                raise self._invalid_argument(context, position, values)
            values.setdefault(match.parameter_index, []).append(match.value)
            if len(values[match.parameter_index]) > MAX_REFERENCES:
                reason = f"you can ask about up to {MAX_REFERENCES} references at once"
                raise InvalidArgument("", reason, self.example)
            matches.append(match)
            position = match.end
        return matches

    def _refuse_years(self, context: ParseContext, position: int, values: dict[int, list[Any]]) -> None:
        """Raise InvalidArgument for years at the end, which are not an item and a year: `ours 2024 2025`."""
        parsers = [parameter.parse for parameter in self.parameters]
        has_subject = reference_argument not in parsers or parsers.index(reference_argument) in values
        if has_subject and not TODAY_DEPENDENT.isdisjoint(parsers):
            refuse_years(context, position)

    def longest_match(
        self, context: ParseContext, position: int, values: dict[int, list[Any]]
    ) -> Match | None:
        """Return what the parameter reads that can read most tokens from a position on, or None.

        `values` has what was read before it, by the indexes of the parameters. Raises InvalidArgument.
        """
        longest: Match | None = None
        near_miss: InvalidArgument | None = None
        for index, parameter in enumerate(self.parameters):
            if index in values and (not parameter.repeated or self._is_year(context, position)):
                continue
            try:
                parsed = parameter.parse(context, position)
            except InvalidArgument as error:
                near_miss = error
                continue
            if parsed is not None and (longest is None or parsed[1] > longest.length):
                longest = Match(index, position, *parsed)
                if longest.end == len(context.tokens):
                    # No other parameter can read more.
                    break
        if near_miss and longest and len(tokenize(near_miss.argument)) > longest.length:
            # `31 Apr 2025` is no day, and 31 is not meant to be an item.
            raise near_miss
        if longest is None and near_miss:
            raise near_miss
        return longest

    def _is_year(self, context: ParseContext, position: int) -> bool:
        # Where a command takes periods, 1990 to 2099 as the last word after a reference is no second
        # reference but a year.
        return (
            position == len(context.tokens) - 1
            and YEAR.fullmatch(context.tokens[position].text) is not None
            and any(parameter.parse is period_argument for parameter in self.parameters)
        )

    def _invalid_argument(
        self, context: ParseContext, position: int, values: dict[int, list[Any]]
    ) -> InvalidArgument:
        word, reason = context.tokens[position].text, f"I don't understand this word in `{self.name}`"
        has_reference = any(self.parameters[index].parse is reference_argument for index in values)
        if references.is_file_link(word):
            reason = "that's a link to a file, and Figshare doesn't say which item it belongs to"
        elif has_reference and references.leading_reference(context.texts(position)) is not None:
            reason = f"`{self.name}` takes one reference"
        elif error := self._known_word_error(context, position):
            return error
        return InvalidArgument(word, reason, self.example)

    def _known_word_error(self, context: ParseContext, position: int) -> InvalidArgument | None:
        """Return the error that names what there is in place of the words at a position, if that is known."""
        others = self.alternatives and self.alternatives(context.texts(position))
        if not others:
            return None
        words = [token.text for token in context.tokens]
        before, after = words[:position], words[position + others.length :]
        arguments = [" ".join([*before, other, *after]) for other in others.words]
        try:
            # What is offered works: so the other words have to.
            corrected = replace(context, tokens=tokenize(arguments[0]))
            dataclasses.replace(self, alternatives=None).parse(corrected, arguments[0])
        except InvalidArgument:
            return None
        return InvalidArgument("", others.reason, *(f"{self.name} {text}" for text in arguments))

    def _value(self, parameter: Parameter, values: list[Any]) -> Any:
        if parameter.required and not values:
            description = _DESCRIPTIONS.get(parameter.name, parameter.name)
            raise InvalidArgument("", f"`{self.name}` needs {description}", self.example)
        if not parameter.repeated:
            return values[0] if values else None
        return list(dict.fromkeys(values))


# What a required parameter is, for people who left it out.
_DESCRIPTIONS = {
    "reference": "an item: its number, DOI or address",
    "N": "the number of a digest; `subscriptions` lists them",
    "N/all": "the number of a digest, or `all`; `subscriptions` lists them",
}
