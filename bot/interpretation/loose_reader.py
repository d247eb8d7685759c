"""Reads the arguments of a command from the words of a question, in any order."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.bot import Bot
from bot.commands import Command, Match, Question
from bot.interpretation.words import Word, is_small_number
from bot.language.parameters import OURS, YEAR, ParseContext, any_word, period_argument, reference_argument
from bot.language.tokens import InvalidArgument, Token

_LEADING_PREPOSITIONS = ("in", "for", "during")


class LooseReader:
    """Reads the arguments of a command from words in any order, passing over what it can't read."""

    def __init__(self, bot: Bot, command: Command, words: Sequence[Word], question: Question) -> None:
        self._command, self._words = command, words
        self._indexes: list[int] = []
        tokens: list[Token] = []
        for index, word in enumerate(words):
            for part in [word.text] if word.is_quoted else word.text_for(command).split(" "):
                tokens.append(Token(part.strip('"') if word.is_quoted else part, word.is_quoted))
                self._indexes.append(index)
        # Whether there is an `ours` is found out when the whole line is read.
        self._context = ParseContext(
            tokens, lambda command, over_time: OURS, question.today, bot.settings.figshare_year_start
        )
        self._values: dict[int, list[Any]] = {}

    def line(self) -> tuple[set[int], str]:
        """Return the indexes of the words that were read, and the line, in the order of the usage string."""
        read: list[int] = []
        texts: dict[int, list[str]] = {}
        position = 0
        while position < len(self._context.tokens):
            match = self._match(position)
            if match is None:
                position += 1
                continue
            parameter_index, length = match
            is_period = self._command.parameters[parameter_index].parse is period_argument
            texts.setdefault(parameter_index, []).extend(self._texts(position, length, is_period))
            read += self._indexes[position : position + length]
            position += length
        # A phrase is kept where all of its words are.
        kept = set(read) - set((Counter(self._indexes) - Counter(read)).keys())
        name = self._command.name
        # `collection 4000001` is a command and a reference at once.
        arguments = [text for _, of_parameter in sorted(texts.items()) for text in of_parameter]
        has_name = bool(arguments) and arguments[0].lower() == name
        return kept, " ".join([*([] if has_name else [name]), *arguments])

    def agrees_with(self, values: Sequence[Any]) -> bool:
        """Return whether the line is read as these words were: `views 2024` is about an item, not a year."""
        counts = [len(dict.fromkeys(self._values.get(index, ()))) for index in range(len(values))]
        return counts == [
            len(value) if isinstance(value, list) else int(value is not None) for value in values
        ]

    def _match(self, position: int) -> tuple[int, int] | None:
        """Return the index of the parameter that reads the tokens at a position, and how many it reads."""
        word = self._words[self._indexes[position]]
        token = self._context.tokens[position]
        if word.is_unreadable:
            return None
        try:
            match = self._year(position) or self._command.longest_match(self._context, position, self._values)
        except InvalidArgument:
            return None
        if match is None:
            return None
        parse = self._command.parameters[match.parameter_index].parse
        is_ours = token.text.lower() == "ours" and not word.is_filler
        if parse is reference_argument and not (
            is_ours or (word.reference and not is_small_number(word.reference))
        ):
            return None
        # A format or an address can be any word, so in a sentence it would be the wrong one.
        if parse is any_word:
            return None
        self._values.setdefault(match.parameter_index, []).append(match.value)
        return match.parameter_index, match.length

    def _year(self, position: int) -> Match | None:
        """Read a year as the period, where a command reads a number as a reference too."""
        parsers = [parameter.parse for parameter in self._command.parameters]
        is_year = YEAR.fullmatch(self._context.tokens[position].text)
        if not is_year or period_argument not in parsers or reference_argument not in parsers:
            return None
        index = parsers.index(period_argument)
        period = None if index in self._values else period_argument(self._context, position)
        return Match(index, position, *period) if period else None

    def _texts(self, position: int, length: int, is_period: bool) -> list[str]:
        tokens = self._context.tokens[position : position + length]
        texts = [f'"{token.text}"' if token.is_quoted else token.text for token in tokens]
        return texts[1:] if is_period and length > 1 and texts[0].lower() in _LEADING_PREPOSITIONS else texts
