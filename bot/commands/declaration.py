"""How a handler is declared to be a command."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.commands.command import ALL_KINDS, Alternatives, Command, Handler
from bot.commands.plain_words import plain_words
from bot.commands.question import DEFAULT_MAX_LENGTH
from bot.language.parameters import ParseFunction, parameters_of
from bot.language.references import Kind
from bot.permissions import Role

# As long as Slack lets a message be: https://docs.slack.dev/changelog/2018-truncating-really-long-messages
_MAX_LENGTH_FOR_MANY = 4_000


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
    alternatives: Callable[[Sequence[str]], Alternatives | None] | None = None,
    parsers: Mapping[str, ParseFunction] | None = None,
    kinds: Iterable[Kind] = ALL_KINDS,
    words: str | None = None,
    argument_words: Mapping[str, str] | None = None,
    caveats: Mapping[str, str] | None = None,
    validate: Callable[..., object] | None = None,
) -> Callable[[Handler], Command]:
    """Declare the handler of a command, whose docstring people read.

    Its first line stands in `help` and in docs/asking.md; `help <command>` shows the paragraphs below it too.
    A command that needs a role is private. `words`, separated by commas, are the everyday phrases that mean
    it; `argument_words` and `caveats` have such phrases for an argument and for a sentence (`PlainWords`).
    """
    # The name is what stands before the first parameter.
    name = re.split(r"(?<!\s)\s+[<\[]", usage, maxsplit=1)[0]

    def register(handler: Handler) -> Command:
        summary, *details = inspect.cleandoc(handler.__doc__ or "").split("\n\n")
        parameters = parameters_of(usage[len(name) :], parsers)
        takes_many = any(parameter.repeated for parameter in parameters)
        return Command(
            name,
            usage,
            task,
            summary,
            tuple(examples),
            parameters,
            handler,
            tuple(" ".join(paragraph.split()) for paragraph in details),
            is_cacheable=is_cacheable,
            role=role,
            is_private=is_private or bool(role),
            max_length=_MAX_LENGTH_FOR_MANY if takes_many else max_length,
            depends_on_today=depends_on_today,
            alternatives=alternatives,
            plain=plain_words(words, argument_words or {}, caveats or {}),
            kinds=frozenset(kinds),
            validate=validate,
        )

    return register
