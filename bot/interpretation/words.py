"""The words of a question, and which of them only make a sentence."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from bot.commands import Command
from bot.figshare.item_types import item_type
from bot.language.references import Reference


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that only make a sentence. None of them narrows what is asked, as `since`, `not` or `Kenya` would;
# those of _NARROWING do before a number or a period.
_FILLERS = _words(
    """
    a about accumulate accumulated actual actually add again ah all also altogether am an and any
    anybody anyone anything are as ask asking at attract attracted basically be been being bit bot by
    came can check come comes coming could curious currently dear did do does doing done
    earned entire ever everybody everyone exactly far figshare find folks for from gain gained generate
    generated get gets getting give go going gonna got gotten had has have having he her him his hmm how
    i i'd i'll i'm i've id identifier if in into is it it's its just kind kindly know let let's lets
    like link list look looking made make many may maybe me might much my myself need needed no.
    nr. number of oh ok okay on or out over page people perhaps please pls plz possible pull
    question quick quickly really receive received receiving right see she should show simply so
    some somebody someone sort team tell that that's the their them then there these they they've
    thing things this those times to total um up url versus vs us using wanna want wanted was we we've well
    were what what's whats when when's where's which who's whole will with wonder wondering would yes yet you
    you've your
    """
)
_GREETINGS = _words("hello hey hi hiya howdy greetings morning afternoon evening good yo there")
_THANKS = _words("thanks thank thx cheers ta appreciated great brilliant perfect lovely awesome")
_POLITE = _GREETINGS | _THANKS
# Before a number or a period they say which: `page 2`, `off 2024`, `up to 10`.
_NARROWING = _words("about any as at by from number over page to up")
# Nouns for an item: beside its number they say nothing new.
NOUNS = _words(
    "article articles data deposit deposits doi dois entry item items object objects "
    "output outputs paper papers publication publications record records upload uploads work works"
)
_MINE = frozenset(("my", "mine"))
_SMALLEST_ITEM = 10_000


class Word(Struct, frozen=True):
    """A word or phrase of a question: `source` is how it was typed, `text` what a command reads in its place.

    `commands` are the names of the commands that it means, `arguments` what it is for each command that has
    its own word for it, `caveat` the sentence with which it is answered. A misspelt one `is_corrected`.

    Of a period that the grammar doesn't read as it was typed, `alternatives` are what it may mean, and
    `reason` says what is wrong with it; a word of any other period `is_period` too. No command reads what
    `is_unreadable`.
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
    is_guess: bool = False
    is_unreadable: bool = False
    is_period: bool = False
    alternatives: tuple[str, ...] = ()
    reason: str = ""

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


def is_filler(text: str) -> bool:
    """Return whether a word only makes a sentence."""
    return all(word in _FILLERS or word in _POLITE for word in text.lower().split(" "))


def with_context(words: list[Word]) -> list[Word]:
    """Return the words, with those as fillers that say nothing beside a reference or `ours`."""
    has_reference = any(word.reference and not is_small_number(word.reference) for word in words)
    for index in range(len(words) - 2, -1, -1):
        following = words[index + 1]
        is_narrowed = following.is_unreadable or _is_spare_number(following)
        if is_narrowed and not words[index].is_period and words[index].source.lower() in _NARROWING:
            words[index] = replace(words[index], is_filler=False, is_unreadable=True)
    return [replace(word, is_filler=True) if _is_noun(word, has_reference) else word for word in words]


def is_small_number(reference: Reference) -> bool:
    """Return whether a reference is a number that is hardly an item's: `top 5`, `delete 1`."""
    is_number = reference.id is not None and reference == Reference(id=reference.id)
    return is_number and (reference.id or 0) < _SMALLEST_ITEM


def _is_spare_number(word: Word) -> bool:
    is_number = word.source.isdigit() and len(word.source) < len(str(_SMALLEST_ITEM))
    return is_number and (word.reference is None or is_small_number(word.reference))


def _is_noun(word: Word, has_reference: bool) -> bool:
    """Return whether a word is a noun for what a reference names: `our paper 5616445`."""
    if word.is_corrected or word.is_quoted:
        return False
    text = word.source.lower()
    if not has_reference:
        return text in NOUNS
    is_ours = word.text == "ours" and text != "ours"
    return is_ours or text in NOUNS or (not text.isdigit() and item_type(text) is not None)
