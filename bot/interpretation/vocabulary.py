"""The words of a plain question: everyday words of commands, references, and what only makes a sentence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from bot.commands import Command, CommandRegistry
from bot.figshare.item_types import item_type
from bot.language import references, spelling
from bot.language.references import Reference
from bot.language.tokens import tokenize


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that only make a sentence. None of them narrows what is asked, as `since`, `not` or `Kenya` would.
_FILLERS = _words(
    """
    a about accumulate accumulated actual actually add again ah all also altogether am an and any
    anybody anyone anything are as ask asking at attract attracted basically be been being bit bot by
    came can can't check come comes coming could curious currently dear did do does doing don't done
    earned entire ever everybody everyone exactly far figshare find folks for from gain gained generate
    generated get gets getting give go going gonna got gotten had has have having he her him his hmm how
    i i'd i'll i'm i've id identifier if in into is it it's its just kind kindly know let let's lets
    like link list look looking made make many may maybe me might more much my myself need needed no.
    nr. number of off oh ok okay on one or out over page people perhaps please pls plz possible pull
    question quick quickly really receive received receiving right same see she should show simply so
    some somebody someone sort team tell than that that's the their them then there these they they've
    thing things this those times to total um up url versus vs us using wanna want wanted was we we've well
    were what what's whats when when's where's which who's whole will with wonder wondering would yes yet you
    you've your
    """
)
_GREETINGS = _words("hello hey hi hiya howdy greetings morning afternoon evening good yo there")
_THANKS = _words("thanks thank thx cheers ta appreciated great brilliant perfect lovely awesome")
_POLITE = _GREETINGS | _THANKS
_FILLER_PHRASES = ("send me", "thank you", "let me know", "look up", "find out", "as of", "so far")
# Nouns for an item: beside its number they say nothing new.
_NOUNS = _words(
    "article articles data deposit deposits doi dois entry item items object objects "
    "output outputs paper papers publication publications record records upload uploads work works"
)
_OURS = ("ours", "our", "we", "us", "the repository", "our repository", "our institution", "our portal")
_MINE = frozenset(("my", "mine"))
_NUMBER_WORDS = frozenset(("number", "no", "no.", "nr", "nr.", "id", "#"))
_KIND_WORDS = frozenset(("article", "item", "collection", "project", "author", "group"))
_PUNCTUATION = "?!.,;…"
_MAX_PHRASE_WORDS = 5
# How many words are compared with all others, in case they are slips of the keyboard.
_MAX_CORRECTIONS = 6
_SHORTEST_SLIP = 4
_SMALLEST_ITEM = 10_000


class Word(Struct, frozen=True):
    """A word or phrase of a question: `source` is how it was typed, `text` what a command reads in its place.

    `commands` are the names of the commands that it means, `arguments` what it is for each command that has
    its own word for it, `caveat` the sentence with which it is answered. A misspelt one `is_corrected`.
    """

    source: str
    text: str
    commands: frozenset[str] = frozenset()
    arguments: Mapping[str, str] = {}
    caveat: str = ""
    reference: Reference | None = None
    is_filler: bool = False
    is_quoted: bool = False
    is_corrected: bool = False

    @property
    def is_greeting(self) -> bool:
        """Return whether it greets or thanks."""
        return self.source.lower() in _GREETINGS or self.is_thanks

    @property
    def is_thanks(self) -> bool:
        """Return whether it thanks."""
        return self.source.lower() in _THANKS or self.source.lower() == "thank you"

    @property
    def is_mine(self) -> bool:
        """Return whether it stands for what belongs to the person who asks."""
        return self.source.lower() in _MINE

    def text_for(self, command: Command) -> str:
        """Return what the command reads in its place; "" for what its answer shows anyway."""
        return self.arguments.get(command.name, self.text)


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

    def words(self, question: str) -> list[Word]:
        """Return the words of a question, with what each may mean."""
        tokens = tokenize(question)
        typed = [question[token.start : token.end] for token in tokens]
        texts = [token.text if token.is_quoted else _clean(token.text) for token in tokens]
        words, index, corrections = list[Word](), 0, _MAX_CORRECTIONS
        while index < len(tokens):
            if tokens[index].is_quoted:
                found, length = Word(typed[index], typed[index], is_quoted=True), 1
            else:
                found, length = self._word(texts[index : index + _MAX_PHRASE_WORDS])
            if corrections and self._may_be_slip(found):
                corrections -= 1
                found = self._corrected(found)
            words += [found] if found.source else []
            index += length
        return _with_context(words)

    def _word(self, texts: Sequence[str]) -> tuple[Word, int]:
        """Return the longest phrase that texts begin with, and how many of them it takes."""
        if leading := _leading_reference(texts):
            return leading
        for length in range(len(texts), 0, -1):
            source = " ".join(texts[:length])
            if known := self._phrases.get(source.lower()):
                return replace(known, source=source, is_filler=known.is_filler or is_filler(source)), length
            if source.lower() in _OURS:
                return Word(source, "ours"), length
        return Word(texts[0], texts[0], is_filler=is_filler(texts[0])), 1

    def _may_be_slip(self, word: Word) -> bool:
        is_known = word.commands or word.arguments or word.reference or word.is_filler or word.is_quoted
        text = word.source.lower()
        is_known = is_known or text in self._choices or text in _NOUNS or item_type(text) is not None
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


def _clean(text: str) -> str:
    """Return a word without the punctuation of the sentence around it."""
    cleaned = text.strip(_PUNCTUATION).lstrip("/")
    owner = cleaned.removesuffix("'s")
    return owner if owner[-1:].isdigit() else cleaned


def is_filler(text: str) -> bool:
    """Return whether a word only makes a sentence."""
    return all(word in _FILLERS or word in _POLITE for word in text.lower().split(" "))


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


def _with_context(words: list[Word]) -> list[Word]:
    """Return the words, with those as fillers that say nothing beside a reference or `ours`."""
    has_reference = any(word.reference and not is_small_number(word.reference) for word in words)
    return [replace(word, is_filler=True) if _is_noun(word, has_reference) else word for word in words]


def is_small_number(reference: Reference) -> bool:
    """Return whether a reference is a number that is hardly an item's: `top 5`, `delete 1`."""
    is_number = reference.id is not None and reference == Reference(id=reference.id)
    return is_number and (reference.id or 0) < _SMALLEST_ITEM


def _is_noun(word: Word, has_reference: bool) -> bool:
    """Return whether a word is a noun for what a reference names: `our paper 5616445`."""
    if word.is_corrected or word.is_quoted:
        return False
    text = word.source.lower()
    if not has_reference:
        return text in _NOUNS
    is_ours = word.text == "ours" and text != "ours"
    return is_ours or text in _NOUNS or (not text.isdigit() and item_type(text) is not None)
