"""What becomes of a question that the grammar can't read: its only reading, or a reply with what works."""

from collections.abc import Sequence
from functools import cached_property

from bot.bot import Bot
from bot.commands import Command, Question
from bot.help.invitation import first_questions, invitation
from bot.interpretation.limits import limit_reply
from bot.interpretation.offers import (
    MAX_OFFERS,
    Offer,
    buttons_of,
    help_on,
    lines_of,
    offers_from,
    own_name_offer,
    search_offer,
    without,
)
from bot.interpretation.readings import Reading, reading_by, readings_of
from bot.interpretation.suggestions import works
from bot.interpretation.vocabulary import vocabulary_of, words_of
from bot.interpretation.words import Word
from bot.language.parameters import reference_argument
from bot.reply import Button, Code, Line, Reply, Text
from bot.text import cut

_HELP = Text((Code("help"), " lists what I can do."))
_MAX_SHOWN = 80
# An author of an item that everybody can see, for people who don't know their number.
_EXAMPLE_AUTHOR = "author 97471"


class Interpretation:
    """What a question may mean that the grammar can't read; each part is found once, when it is needed."""

    def __init__(self, bot: Bot, question: Question) -> None:
        self.bot, self.question = bot, question

    @cached_property
    def limit(self) -> Reply | None:
        """Return the reply to a question for what can't be done; None for any other."""
        return limit_reply(self.bot, self.question)

    @cached_property
    def readings(self) -> list[Reading]:
        """Return its best readings."""
        return readings_of(self.bot, self.question)


def only_reading(asked: Interpretation, typed: Command | None = None) -> Reading | None:
    """Return the one thing that a question can mean; None if it may mean several, or something is unclear.

    `typed` is the command whose name it begins with, if any: one that is never guessed is taken at its word.
    """
    if (typed is not None and not typed.is_guessable) or asked.limit is not None:
        return None
    bot, question, readings = asked.bot, asked.question, asked.readings
    if len(readings) != 1 or not readings[0].is_certain or readings[0].caveat:
        return None
    [reading] = readings
    if _is_about_mine(bot, question, reading.command):
        return None
    if reading.left_out and (typed is not None or not reading.is_card or own_name_offer(bot, question)):
        return None
    return reading


def understood_line(reading: Reading) -> Line:
    """Return the small line that says how a question was understood."""
    return ("Understood as: ", Code(reading.words), without(reading.left_out))


def unknown_reply(asked: Interpretation) -> Reply:
    """Return the reply to a question that is no command and has not exactly one reading."""
    bot, question = asked.bot, asked.question
    words = words_of(bot, question)
    if any(word.is_greeting for word in words) and all(word.is_filler for word in words):
        return _greeting(bot, question, words)
    if asked.limit is not None:
        return asked.limit
    readings = asked.readings
    if caveat := next((word.caveat for word in words if word.caveat), ""):
        return _reply((caveat,), offers_from(readings), "From which countries: ")
    if (own := own_name_offer(bot, question)) is not None:
        is_named = own.words.removeprefix("help ").split(" ")[0] in question.words.lower().split(" ")
        title = ("I'm not sure what you mean.",) if is_named else _title(words, question, [])
        return _reply(title, [own])
    if (reply := reply_to_mine(bot, question, words)) is not None:
        return reply
    if offers := offers_from(readings):
        return _reply(_title(words, question, readings), offers)
    return _reply_with_search(bot, question, words)


def reply_to_mine(bot: Bot, question: Question, words: Sequence[Word]) -> Reply | None:
    """Return the reply to a question about `my …`, which says what works in place of that; or None."""
    if any(word.reference for word in words) or not any(word.is_mine for word in words):
        return None
    named = [command for command in bot.commands.all if any(command.name in word.commands for word in words)]
    author = [word for word in vocabulary_of(bot.commands).words(_EXAMPLE_AUTHOR) if word.reference]
    for command in [*filter(takes_reference, named), bot.commands["stats"]]:
        reading = reading_by(bot, question, [*author, *words], command)
        if reading is not None and works(bot, question, reading.words):
            return Reply(
                ("I don't know which author you are.",),
                (Text(("Your author number or ORCID works: ", Code(reading.words))),),
                outcome="wrong",
            )
    return None


def _is_about_mine(bot: Bot, question: Question, command: Command) -> bool:
    """Return whether a question says `my` of what a command would count for everybody."""
    words = words_of(bot, question)
    is_mine = any(word.is_mine for word in words) and not any(word.reference for word in words)
    return is_mine and (takes_reference(command) or any(each.name == "ours" for each in command.parameters))


def takes_reference(command: Command) -> bool:
    """Return whether a command is about an item or the like."""
    return any(each.parse is reference_argument for each in command.parameters)


def _family(bot: Bot, question: Question) -> list[Offer]:
    """Return the commands whose names begin with the first word, such as `oai`."""
    first = question.words.split(" ")[0].lower() + " "
    names = [command.name for command in bot.commands.all if command.name.startswith(first)]
    return [Offer(name) for name in names if works(bot, question, name)]


def _greeting(bot: Bot, question: Question, words: Sequence[Word]) -> Reply:
    if any(word.is_thanks for word in words):
        return Reply(("You're welcome!",), is_shareable=False)
    examples = [words for words in first_questions(bot, question.user) if works(bot, question, words)]
    buttons = tuple(Button(example, example) for example in (*examples, "help"))
    return Reply(("Hello! ", *invitation(bot, question.user)), buttons=buttons, is_shareable=False)


def _reply(title: Line, offers: Sequence[Offer], lead: str = "Did you mean ") -> Reply:
    if not offers:
        return Reply(title, (_HELP,), buttons=(Button("help", "help"),), outcome="wrong")
    offers = offers[:MAX_OFFERS]
    return Reply(title, (*lines_of(offers, lead, "Or "), _HELP), buttons=buttons_of(offers), outcome="wrong")


def not_understood(text: str) -> Line:
    """Return the sentence that names the words that were not understood."""
    return (f"I didn't understand “{cut(text, _MAX_SHOWN)}”.",)


def title_of_period(words: Sequence[Word]) -> Line | None:
    """Return the sentence about a period that can't be read as it was typed; None if there is none."""
    period = next((word for word in words if word.reason), None)
    if period is not None:
        return (Code(cut(period.source, _MAX_SHOWN)), ": ", period.reason, ".")
    if any(word.is_guess for word in words):
        return ("I'm not sure what you mean.",)
    return None


def _title(words: Sequence[Word], question: Question, readings: Sequence[Reading]) -> Line:
    """Return the sentence that says what was not understood."""
    if readings and (title := title_of_period(words)) is not None:
        return title
    unknown = [word.source for word in words if word.is_corrected]
    if readings and not unknown:
        if readings[0].left_out:
            return ("I didn't understand all of that.",)
        return ("That can mean several things." if len(readings) > 1 else "I'm not sure what you mean.",)
    content = unknown or [word.source for word in words if not word.is_filler]
    if len(content) == 1:
        return not_understood(content[0])
    return ("I didn't understand that.",)


def _reply_with_search(bot: Bot, question: Question, words: Sequence[Word]) -> Reply:
    """Return the reply to words of which none is known: a button that searches for them."""
    title = _title(words, question, [])
    if family := _family(bot, question):
        return _reply(title, family)
    if slip := bot.commands.closest(question.words):
        return _reply(title, help_on(bot, question, slip))
    offer = search_offer(bot, question, words)
    return _reply(title, [offer] if offer else [], "I can search for it: ")
