"""What is offered in place of a question that can't be answered as it stands, and how it is said."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from bot.bot import Bot
from bot.commands import Command, Question
from bot.interpretation.readings import Reading, reading_by, readings_of, understood_texts, variants
from bot.interpretation.suggestions import works
from bot.interpretation.vocabulary import vocabulary_of, words_of
from bot.interpretation.words import Word, is_filler
from bot.language.tokens import InvalidArgument, tokenize
from bot.reply import Button, Code, Text
from bot.text import cut

MAX_OFFERS = 3
# As many as fit into a row of buttons.
_MAX_CORRECTIONS = 5
_MAX_SHOWN = 80


class Offer(Struct, frozen=True):
    """Words that work, and what of the question they leave out."""

    words: str
    left_out: tuple[str, ...] = ()


def lines_of(offers: Sequence[Offer], first: str, other: str) -> list[Text]:
    """Return a line for each offer; the first begins with `first`, and the others with `other`."""
    ends = "?" if first.startswith("Did") else ""
    return [
        Text(((other if index else first), Code(offer.words), f"{without(offer.left_out)}{ends}"))
        for index, offer in enumerate(offers)
    ]


def buttons_of(offers: Iterable[Offer]) -> tuple[Button, ...]:
    """Return a button for each offer."""
    return tuple(Button(offer.words, offer.words) for offer in offers)


def without(left_out: Sequence[str]) -> str:
    """Return `, without “frog”`, or nothing where nothing was left out."""
    return f", without “{cut(' '.join(left_out), _MAX_SHOWN)}”" if left_out else ""


def offers_from(readings: Iterable[Reading]) -> list[Offer]:
    """Return what can be offered of some readings."""
    return [Offer(reading.words, reading.left_out) for reading in readings if reading.is_set_up]


def offers_after(bot: Bot, question: Question, error: InvalidArgument) -> list[Offer]:
    """Return what works in place of a question with an argument that can't be read.

    A correction of that argument comes first, then the question without it, then another example.
    """
    resolved = bot.commands.by_name(question.words)
    if not error.example:
        return []
    if resolved is None:
        return [Offer(error.example)] if works(bot, question, error.example) else []
    typed, words = resolved[0], words_of(bot, question)
    if not typed.is_guessable:
        # Its name is no word of the vocabulary, and is not left out.
        words = words[typed.name.count(" ") + 1 :]
    # What reads text itself knows best what was wrong with it.
    if typed.is_guessable and not typed.takes_text and any(_is_misread(word) for word in words):
        own_readings = [reading_by(bot, question, variant, typed) for variant in variants(words)]
        offers = offers_from(filter(None, own_readings))
        if offers := [offer for offer in offers if works(bot, question, offer.words)]:
            return offers
    if corrections := _corrections(bot, question, error, typed, words):
        return corrections
    own = reading_by(bot, question, words, typed) if not typed.takes_text else None
    # What only reads is not offered to somebody who wanted to write.
    readings = [own] if own else readings_of(bot, question) if typed.is_guessable else []
    return (
        [offer for offer in offers_from(readings) if works(bot, question, offer.words)]
        or _with_example(bot, question, typed, words)
        or _examples(bot, question, error, understood_texts(bot, question, typed, words))
        or help_on(bot, question, typed)
    )


def _examples(bot: Bot, question: Question, error: InvalidArgument, understood: Sequence[str]) -> list[Offer]:
    """Return the examples of an error, which may leave out what was understood of the question."""
    return [
        Offer(example, tuple(text for text in understood if text.lower() not in example.lower()))
        for example in error.examples
        if works(bot, question, example)
    ]


def _is_misread(word: Word) -> bool:
    """Return whether a word belongs to a period that the grammar doesn't read as it was typed."""
    return bool(word.alternatives) or word.is_unreadable or (word.is_corrected and not word.commands)


def _corrections(
    bot: Bot, question: Question, error: InvalidArgument, typed: Command, words: Sequence[Word]
) -> list[Offer]:
    """Return the question with the argument corrected, where that works and keeps what was understood."""
    asked, candidates = question.words, list[str]()
    start, end = _place(error.argument, asked)
    # The command's own example says nothing about this question.
    is_general = typed.is_guessable and error.examples == (typed.example,)
    for example in error.examples:
        if bot.commands.by_name(example) and not is_general:
            candidates.append(example)
        if end:
            candidates.append(asked[:start] + example + asked[end:])
    if error.argument and error.argument not in asked and typed.takes_text:
        text = asked[len(typed.name) :].replace('"', " ").strip()
        candidates.append(f'{typed.name} "{text}"')
    kept = [text for text in understood_texts(bot, question, typed, words) if text not in error.argument]
    return [
        Offer(candidate, _left_out(words, candidate, error))
        for candidate in dict.fromkeys(candidates)
        if all(text.lower() in candidate.lower() for text in kept) and works(bot, question, candidate)
    ][:_MAX_CORRECTIONS]


def _left_out(words: Sequence[Word], offered: str, error: InvalidArgument) -> tuple[str, ...]:
    """Return the words of a question that an offer drops and that were not what had to be corrected."""
    if not error.argument:
        # The error itself says what can't be had.
        return ()
    there = f"{offered} {error.argument}".lower()
    sources = [word.source for word in words if not word.is_filler and not word.commands]
    return tuple(source for source in sources if source.lower().strip('"') not in there)


def _place(argument: str, words: str) -> tuple[int, int]:
    """Return where an argument stands in the words, spaces, commas and capitals aside; or 0 and 0."""
    if argument and (start := words.find(argument)) >= 0:
        return start, start + len(argument)
    # The small form of a letter such as `İ` is two characters.
    letters = [
        (small, index) for index, letter in enumerate(words) if letter not in " ," for small in letter.lower()
    ]
    wanted = argument.replace(" ", "").replace(",", "").lower()
    start = "".join(letter for letter, _ in letters).find(wanted)
    if start < 0 or not wanted:
        return 0, 0
    return letters[start][1], letters[start + len(wanted) - 1][1] + 1


def _with_example(bot: Bot, question: Question, typed: Command, words: Sequence[Word]) -> list[Offer]:
    """Return an example of a command, with what was understood, or with a search for what was not."""
    if understood_texts(bot, question, typed, words):
        return _with_reference(bot, question, typed, words)
    if not works(bot, question, typed.example):
        return []
    search = search_offer(bot, question, [word for word in words if typed.name not in word.commands])
    return [Offer(typed.example), *([search] if search else [])]


def _with_reference(bot: Bot, question: Question, typed: Command, words: Sequence[Word]) -> list[Offer]:
    for example in typed.examples if not typed.takes_text else ():
        reference = [word for word in vocabulary_of(bot.commands).words(example) if word.reference][:1]
        reading = reading_by(bot, question, [*reference, *words], typed)
        if reading is not None and works(bot, question, reading.words):
            return offers_from([reading])
    return []


def help_on(bot: Bot, question: Question, command: Command) -> list[Offer]:
    """Return the offer to say how a command is used."""
    words = f"help {command.name}"
    return [Offer(words)] if works(bot, question, words) else []


def search_offer(bot: Bot, question: Question, words: Sequence[Word]) -> Offer | None:
    """Return the offer to search for words of which none is known."""
    content = [index for index, word in enumerate(words) if not word.is_filler]
    if not content or any(word.reference for word in words):
        return None
    search = bot.commands["search"]
    if any(word.text == "ours" or word.is_period or search.name in word.arguments for word in words):
        reading = reading_by(bot, question, words, search)
        if reading is not None and reading.is_set_up and works(bot, question, reading.words):
            return Offer(reading.words, reading.left_out)
    text = " ".join(word.source for word in words[content[0] : content[-1] + 1])
    quoted = '"{}"'.format(text.replace('"', " "))
    lines = (f"search {text}", f"search {quoted}")
    return next((Offer(line) for line in lines if works(bot, question, line)), None)


def own_name_offer(bot: Bot, question: Question) -> Offer | None:
    """Return the offer of a command that isn't guessed, where its name, or a slip in it, stands first.

    Where its arguments can't be read, or name something else, its help is offered.
    """
    tokens = [token for token in tokenize(question.words) if not is_filler(token.text)]
    if not tokens:
        return None
    content = question.words[tokens[0].start :]
    named = bot.commands.by_name(content)
    command = named[0] if named else bot.commands.closest(content)
    arguments = named[1] if named else content.partition(" ")[2]
    if command is None or command.is_guessable:
        return None
    terse = " ".join(token.text for token in tokenize(arguments) if not is_filler(token.text))
    for text in (arguments, terse):
        words = f"{command.name} {text}".strip()
        if works(bot, question, words):
            return Offer(words)
    return next(iter(help_on(bot, question, command)), None)
