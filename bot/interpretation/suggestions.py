"""What is offered: every example, "Did you mean" and button with words passes through `works`.

It has been read by the grammar before it is shown, and where it would write it names only what was asked.
"""

from typing import Any, NamedTuple

from bot.bot import Bot
from bot.commands import Command, Question
from bot.language import spelling
from bot.language.parameters import ParseContext
from bot.language.periods import Period
from bot.language.references import Reference
from bot.language.search import Search
from bot.language.tokens import InvalidArgument, tokenize
from bot.reply import UserError
from bot.settings import ours_need

# In most commands `ours` stands near the beginning; a search says itself what it is in.
_OURS_WITHIN = 3


class OursNotSetUp(UserError):
    """Raised for a question about `ours` where it isn't set up."""


class Readable(NamedTuple):
    """What words are for the grammar: a command, its values, and the words for what it is about."""

    command: Command
    values: list[Any]
    about: str


def read(bot: Bot, question: Question, words: str) -> Readable:
    """Return what words are for the grammar, typed by the person who asked the question.

    Raises UserError for what would be refused before Figshare is asked.
    """
    resolved = bot.commands.resolve(words)
    if resolved is None or len(words) > resolved[0].max_length:
        raise InvalidArgument("", "these words can't be read", "")
    command, arguments = resolved
    tokens = tokenize(arguments)
    year_start = bot.settings.figshare_year_start
    values = command.parse(ParseContext(tokens, bot.ours, question.today, year_start), arguments)
    about = command.validate(bot, question.today, *values) if command.validate else None
    is_ours = any(token.text.lower() == "ours" for token in tokens[:_OURS_WITHIN])
    if is_ours or (isinstance(about, Search) and about.is_ours):
        over_time = any(isinstance(value, Period) and value.start for value in values)
        if ours_need(command.name, over_time=over_time).missing(bot.settings):
            raise OursNotSetUp("ours isn't set up for this")
    for value in values:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Reference) and each.kind is not None and each.kind not in command.kinds:
                raise InvalidArgument("", f"`{command.name}` has nothing on a {each.kind}", "")
    return Readable(command, values, about if isinstance(about, str) else arguments)


def works(bot: Bot, question: Question, words: str) -> bool:
    """Return whether words may be offered in the answer to a question.

    Those that only read may if they can be read; the question itself would not be answered either. Any others
    have to be the question's own command, about nothing else than what the question names.
    """
    if words == question.words:
        return False
    try:
        readable = read(bot, question, words)
    except UserError:
        return False
    return readable.command.is_guessable or _is_asked_for(readable, question.words.lower())


def _is_asked_for(readable: Readable, question: str) -> bool:
    typed = [token.text.strip("?!.,;:#`") for token in tokenize(question)]
    name = readable.command.name.split(" ")
    has_name = all(part in typed or spelling.nearest(part, typed) for part in name)
    about = [part.strip('#"') for part in readable.about.lower().split(" ") if part]
    return has_name and all(part in typed if part.isdigit() else part in question for part in about)
