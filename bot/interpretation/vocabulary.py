"""The words of a plain question: everyday words of commands, references, and what only makes a sentence."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import CommandRegistry, Question
from bot.figshare.item_types import item_type
from bot.interpretation.period_phrases import MAX_PHRASE_WORDS, PeriodReader
from bot.interpretation.words import NOUNS, Word, is_filler, with_context
from bot.language import references, spelling
from bot.language.tokens import Token, tokenize

_FILLER_PHRASES = (
    *(
        "send me",
        "thank you",
        "let me know",
        "look up",
        "find out",
        "so far",
        "to date",
        "up to now",
        "this one",
    ),
    *(
        "more about",
        "tell me more",
        "don't know",
        "can't find",
        "can't see",
        "one of",
        "which one",
        "the one",
    ),
)
_OURS = ("ours", "our", "we", "us", "the repository", "our repository", "our institution", "our portal")
_NUMBER_WORDS = frozenset(("number", "no", "no.", "nr", "nr.", "id", "#"))
_KIND_WORDS = frozenset(("article", "item", "collection", "project", "author", "group"))
_PUNCTUATION = "?!.,;…"
_MAX_PHRASE_WORDS = 5
# How many words are compared with all others, in case they are slips of the keyboard.
_MAX_CORRECTIONS = 6
_SHORTEST_SLIP = 4
_MAX_SPACES = 150


class Vocabulary:
    """All phrases that mean something, by their words in lower case."""

    def __init__(self, registry: CommandRegistry) -> None:
        self._phrases: dict[str, Word] = {}
        for command in registry.all:
            if not command.is_guessable:
                continue
            for phrase in (command.name, *(command.plain.words or ())):
                text = phrase if " " in phrase else command.name
                self._add(phrase, commands=frozenset({command.name}), text=text)
            for phrase, caveat in command.plain.caveats.items():
                self._add(phrase, commands=frozenset({command.name}), text=phrase, caveat=caveat)
        for command in registry.all:
            for phrase, text in command.plain.arguments.items():
                known = self._phrases.get(phrase, Word(phrase, phrase))
                self._phrases[phrase] = replace(known, arguments={**known.arguments, command.name: text})
        for phrase, word in self._phrases.items():
            # `downloaded` is what `downloads` is.
            named = self._phrases.get(word.text, word)
            self._phrases[phrase] = replace(word, arguments={**named.arguments, **word.arguments})
        for phrase in _FILLER_PHRASES:
            self._phrases[phrase] = Word(phrase, phrase, is_filler=True)
        self._single_words = [phrase for phrase in self._phrases if " " not in phrase]
        self._names = [command.name for command in registry.all if command.is_guessable]
        # The choices that a usage string lists.
        self._choices = {word for command in registry.all for word in re.findall("[a-z]+", command.usage)}

    def _add(self, phrase: str, commands: frozenset[str], text: str, caveat: str = "") -> None:
        known = self._phrases.get(phrase)
        if known is not None:
            # It names several commands, and so none of them as the argument of another.
            commands, text = commands | known.commands, phrase
        self._phrases[phrase] = Word(phrase, text, commands, caveat=caveat)

    @property
    def phrases(self) -> Iterable[str]:
        """Return every phrase."""
        return self._phrases

    def words(self, question: str, periods: PeriodReader | None = None) -> list[Word]:
        """Return the words of a question, with what each may mean; `periods` finds its periods."""
        tokens = tokenize(question)
        typed = [question[token.start : token.end] for token in tokens]
        texts = [token.text if token.is_quoted else _clean(token.text) for token in tokens]
        slips = self._period_slips(texts, periods) if periods else {}
        read = [slips.get(index, text) for index, text in enumerate(texts)]
        words, index, corrections, end_of_period = list[Word](), 0, _MAX_CORRECTIONS, 0
        while index < len(tokens):
            if tokens[index].is_quoted:
                found, length = Word(typed[index], typed[index], is_quoted=True), 1
            else:
                if periods and index >= end_of_period:
                    if phrase := _period_phrase(periods, tokens, texts, read, index):
                        words.append(phrase[0])
                        index += phrase[1]
                        continue
                    end_of_period = index + periods.plain_length(read[index:])
                found, length = self._word(read[index : index + _MAX_PHRASE_WORDS])
            if index < end_of_period:
                found = replace(found, is_period=True, reference=None)
            if index in slips:
                found = (
                    replace(found, source=texts[index], is_corrected=True, is_period=True)
                    if length == 1
                    else found
                )
            elif corrections and self._may_be_slip(found):
                corrections -= 1
                found = self._corrected(found)
            words += [found] if found.source else []
            index += length
        return with_context(words)

    def _period_slips(self, texts: Sequence[str], periods: PeriodReader) -> dict[int, str]:
        """Return the misspelt words of periods, by where they stand."""
        unknown = [
            index
            for index, text in enumerate(texts)
            if text.isalpha() and not is_filler(text) and text.lower() not in self._phrases
        ]
        return periods.corrections(texts, unknown)

    def _word(self, texts: Sequence[str]) -> tuple[Word, int]:
        """Return the longest phrase that texts begin with, and how many of them it takes."""
        if leading := _leading_reference(texts):
            return leading
        for length in range(len(texts), 0, -1):
            source = " ".join(texts[:length])
            if known := self._phrases.get(source.lower()):
                # `do we have` says whose.
                is_mere_filler = is_filler(source) and "ours" not in known.arguments.values()
                return replace(known, source=source, is_filler=known.is_filler or is_mere_filler), length
            if source.lower() in _OURS:
                return Word(source, "ours"), length
        return Word(texts[0], texts[0], is_filler=is_filler(texts[0])), 1

    def _may_be_slip(self, word: Word) -> bool:
        is_known = (
            word.is_period
            or word.commands
            or word.arguments
            or word.reference
            or word.is_filler
            or word.is_quoted
        )
        text = word.source.lower()
        is_known = is_known or text in self._choices or text in NOUNS or item_type(text) is not None
        return not is_known and len(text) >= _SHORTEST_SLIP and text.isalpha()

    def _corrected(self, word: Word) -> Word:
        typed = word.source.lower()
        near = spelling.nearest(typed, self._names) or spelling.nearest(typed, self._single_words)
        if not near:
            return word
        return replace(self._phrases[near], source=word.source, is_filler=False, is_corrected=True)


@lru_cache(maxsize=4)
def vocabulary_of(registry: CommandRegistry) -> Vocabulary:
    """Return the vocabulary of the commands there are."""
    return Vocabulary(registry)


def words_of(bot: Bot, question: Question) -> list[Word]:
    """Return the words of a question, with its periods as they are on the asker's day.

    Of more than a person types these are none: every command would read them all.
    """
    if question.words.count(" ") > _MAX_SPACES:
        return []
    year_start = bot.settings.figshare_year_start
    return list(_words_on(bot.commands, question.words, question.today, year_start))


@lru_cache(maxsize=8)
def _words_on(
    registry: CommandRegistry, words: str, today: date, year_start: tuple[int, int] | None
) -> tuple[Word, ...]:
    return tuple(vocabulary_of(registry).words(words, PeriodReader(today, year_start)))


def _period_phrase(
    periods: PeriodReader, tokens: Sequence[Token], typed: Sequence[str], texts: Sequence[str], start: int
) -> tuple[Word, int] | None:
    """Return the word for a period that the grammar doesn't read as it stands, and how many it takes."""
    last = min(start + MAX_PHRASE_WORDS, len(tokens))
    end = next((index for index in range(start, last) if tokens[index].is_quoted), last)
    phrase = periods.phrase(texts[start:end])
    if phrase is None:
        return None
    end = start + phrase.length
    source = " ".join(typed[start:end])
    word = Word(
        source,
        next(iter(phrase.texts), source),
        is_corrected=typed[start:end] != texts[start:end],
        is_guess=phrase.is_guess,
        is_unreadable=not phrase.texts,
        is_period=True,
        alternatives=phrase.texts,
        reason=phrase.reason,
    )
    return word, phrase.length


def _clean(text: str) -> str:
    """Return a word without the punctuation of the sentence around it."""
    cleaned = text.strip(_PUNCTUATION).lstrip("/")
    owner = cleaned.removesuffix("'s")
    return owner if owner[-1:].isdigit() else cleaned


def _leading_reference(texts: Sequence[str]) -> tuple[Word, int] | None:
    """Return the reference that texts begin with: `author 5`, `author number 5`; a mere year is none."""
    first = texts[0].lower()
    length = 0
    if first in _KIND_WORDS and len(texts) > 2 and texts[1].lower() in _NUMBER_WORDS:
        texts, length = [first, *texts[2:]], 1
    leading = references.leading_reference(texts)
    if leading is None:
        return None
    reference, used = leading
    if used == 1 and reference.id is not None and 1990 <= reference.id <= 2099 and texts[0].isdigit():
        return None
    source = " ".join(texts[:used])
    return Word(source, source, reference=reference), used + length
