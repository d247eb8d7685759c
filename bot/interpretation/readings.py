"""What a plain question may mean: each command reads its words in any order, and what it makes of them is
written as a line that the grammar reads."""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import Command, Question
from bot.interpretation.loose_reader import LooseReader
from bot.interpretation.period_phrases import PERIOD_SIGNS
from bot.interpretation.suggestions import OursNotSetUp, read
from bot.interpretation.vocabulary import words_of
from bot.interpretation.words import Word, is_small_number
from bot.language.dates import MONTH_NAMES
from bot.language.tokens import InvalidArgument
from bot.reply import UserError

_MAX_READINGS = 3
# No question has as many words besides its references, and every command would read all of them.
_MAX_WORDS = 60
# `frogs since 2024`, `frogs until 1 March 2024`
_MONTH = f"(?:{'|'.join(name[:3] for name in MONTH_NAMES)})[a-z]*"
_FIELD_OF_DATE = re.compile(
    rf"\b(since|until) (?=(?:[0-9]{{1,2}} )?(?:{_MONTH} )?[12][0-9]{{3}}(?:$|[- ]))", re.IGNORECASE
)
_OURS_WORD = Word("", "ours")
_LAST_MONTH = Word("", "last month")


class Reading(Struct, frozen=True):
    """A command that a question may mean, as `words` that the grammar reads.

    `left_out` is what of the question is not in them. It `is_certain` if nothing was misspelt or added, and
    `is_card` if there was a reference and nothing else that is known. It
    `is_set_up` unless it is about an `ours` that isn't.
    """

    command: Command
    words: str
    left_out: tuple[str, ...]
    is_certain: bool
    is_card: bool = False
    caveat: str = ""
    is_set_up: bool = True


def readings_of(bot: Bot, question: Question) -> list[Reading]:
    """Return the best readings of a question by commands that only read, those that leave out least first."""
    words = words_of(bot, question)
    found = [
        reading for variant in variants(words) for reading in _readings_of_variant(bot, question, variant)
    ]
    found = list({reading.words: reading for reading in reversed(found)}.values())[::-1]
    fewest = min((len(reading.left_out) for reading in found), default=0)
    return [reading for reading in found if len(reading.left_out) == fewest][:_MAX_READINGS]


def variants(words: Sequence[Word]) -> list[Sequence[Word]]:
    """Return the words of a question once for each thing that a period in it may mean."""
    count = max((len(word.alternatives) for word in words), default=1)
    return [
        [
            replace(word, text=word.alternatives[min(number, len(word.alternatives) - 1)])
            if word.alternatives
            else word
            for word in words
        ]
        for number in range(max(count, 1))
    ]


def _readings_of_variant(bot: Bot, question: Question, words: Sequence[Word]) -> list[Reading]:
    named = [command for command in _guessable(bot) if any(command.name in word.commands for word in words)]
    if sum(word.reference is None for word in words) > _MAX_WORDS:
        return []
    found = _read_by(bot, question, words, named)
    cards = [] if found else _read_as_card(bot, question, words)
    found += cards
    if all(reading.left_out for reading in found):
        found += _other_readings(bot, question, words, named, bool(cards))
    return found


def _guessable(bot: Bot) -> list[Command]:
    return [command for command in bot.commands.all if command.is_guessable]


def _read_as_card(bot: Bot, question: Question, words: Sequence[Word]) -> list[Reading]:
    """Return the reading of a question with a reference, but without a command: its card, or its counts."""
    reference = next((word.reference for word in words if word.reference), None)
    if reference is None or is_small_number(reference):
        return []
    card = [
        replace(reading, is_card=True)
        for reading in _read_by(bot, question, words, [bot.commands.about(reference)])
    ]
    if card and not card[0].left_out:
        return card
    counts = _read_by(bot, question, words, [bot.commands["stats"]])
    return counts if not card or (counts and len(counts[0].left_out) < len(card[0].left_out)) else card


def _other_readings(
    bot: Bot, question: Question, words: Sequence[Word], named: Sequence[Command], has_card: bool
) -> list[Reading]:
    """Return readings of what no named command reads whole.

    That is by the same commands of `ours`, and by other commands that read every word.
    """
    if not (named or has_card):
        return []
    others: list[Reading] = []
    if named and not any(word.reference or word.text == "ours" for word in words):
        of_ours = _read_by(bot, question, [_OURS_WORD, *words], named, is_certain=False)
        others += [reading for reading in of_ours if reading.is_set_up and not reading.left_out]
    rest = [command for command in _guessable(bot) if command not in named and not command.takes_text]
    whole = _read_by(bot, question, words, rest, is_certain=not named)
    return others + [reading for reading in whole if not reading.left_out]


def _read_by(
    bot: Bot,
    question: Question,
    words: Sequence[Word],
    commands: Iterable[Command],
    *,
    is_certain: bool = True,
) -> list[Reading]:
    readings = (reading_by(bot, question, words, command, is_certain=is_certain) for command in commands)
    return [reading for reading in readings if reading is not None]


def reading_by(
    bot: Bot, question: Question, words: Sequence[Word], command: Command, *, is_certain: bool = True
) -> Reading | None:
    """Return what a command makes of the words of a question; None if that is not enough for it.

    Where there is a period that can't be read, another one stands in its place: of all time it would be an
    answer to another question.
    """
    reading = _reading_by(bot, question, words, command, is_certain=is_certain)
    if reading is None or command.takes_text or PERIOD_SIGNS.isdisjoint(_lower_words(reading.left_out)):
        return reading
    with_period = _reading_by(bot, question, [*words, _LAST_MONTH], command, is_certain=False)
    has_more = with_period is not None and len(with_period.words) > len(reading.words)
    return with_period if has_more else reading


def _lower_words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in text.lower().split(" ")}


def _reading_by(
    bot: Bot, question: Question, words: Sequence[Word], command: Command, *, is_certain: bool
) -> Reading | None:
    own = [word for word in words if command.name in word.commands]
    others = [word for word in words if _is_argument(word, command)]
    reader = LooseReader(bot, command, others, question)
    kept, line = _text_line(command, others) if command.takes_text else reader.line()
    if not line:
        return None
    is_set_up = True
    try:
        values = read(bot, question, line).values
        if not command.takes_text and not reader.agrees_with(values):
            return None
    except OursNotSetUp:
        is_set_up = False
    except InvalidArgument as error:
        # Of the errors of an `ours` that isn't set up only the sentence is known.
        if error.example or error.argument or "ours" not in line.split(" "):
            return None
        is_set_up = False
    except UserError:
        return None
    left_out = [word for index, word in enumerate(others) if index not in kept and not word.is_filler]
    used = own if command.takes_text else [*own, *(others[index] for index in kept)]
    return Reading(
        command,
        line,
        tuple(dict.fromkeys(word.source for word in left_out if word.source)),
        is_certain=is_certain and not any(word.is_corrected or word.is_guess for word in used),
        caveat=next((word.caveat for word in own if word.caveat), ""),
        is_set_up=is_set_up,
    )


def _is_argument(word: Word, command: Command) -> bool:
    """Return whether a word says more than which command is meant."""
    return bool(word.arguments.get(command.name, "" if command.name in word.commands else word.text))


def understood_texts(bot: Bot, question: Question, command: Command, words: Sequence[Word]) -> list[str]:
    """Return the texts that a command reads in a question, whatever else it lacks.

    Of a text that a command reads itself these are the references.
    """
    if command.takes_text:
        return [word.text for word in words if word.reference]
    others = [word for word in words if _is_argument(word, command)]
    kept, _ = LooseReader(bot, command, others, question).line()
    return [others[index].source for index in sorted(kept)]


def _text_line(command: Command, words: Sequence[Word]) -> tuple[set[int], str]:
    """Return the words that a command which reads text itself is given, and the line."""
    if any(word.reference for word in words):
        return set(), ""
    kept = [index for index, word in enumerate(words) if not (word.is_filler or word.is_unreadable)]
    # What stands for a field comes last.
    fields = [_field(words[index], command) for index in kept]
    texts = [words[index].source for index, field in zip(kept, fields, strict=True) if field is None]
    # Only near the beginning is `ours` our own; behind that it is searched for.
    ours = ["ours"] if "ours" in fields else []
    others = [field for field in fields if field and field != "ours"]
    text = _FIELD_OF_DATE.sub(r"\1:", " ".join(texts)) if command.name == "search" else " ".join(texts)
    return set(kept), " ".join(filter(None, [command.name, *ours, text, *others]))


def _field(word: Word, command: Command) -> str | None:
    """Return the field that a word stands for in a search, "" for none; None if it is searched for."""
    if word.is_period and word.text.count(" ") == 1 and word.text.startswith(("since ", "until ")):
        return word.text.replace(" ", ":")
    if word.text == "ours" and not word.is_quoted and command.name == "search":
        return "ours"
    return None if word.is_corrected else word.arguments.get(command.name)
