"""The everyday words by which a plain question means a command, as the command declares them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PlainWords:
    """The everyday words by which a plain question means a command.

    `words` name the command; with None it is never guessed, which is so for all that write. `arguments` have
    what the grammar reads in place of a phrase, and "" for what the answer shows anyway; `caveats` have the
    sentence with which a phrase is answered.
    """

    words: tuple[str, ...] | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    caveats: Mapping[str, str] = field(default_factory=dict)


def plain_words(
    words: str | None, argument_words: Mapping[str, str], caveats: Mapping[str, str]
) -> PlainWords:
    """Return what a command declares: phrases separated by commas, which stand for a word or a sentence."""
    return PlainWords(
        None if words is None else tuple(_phrases(words)), _by_phrase(argument_words), _by_phrase(caveats)
    )


def _phrases(words: str) -> list[str]:
    return [phrase for phrase in words.split(", ") if phrase]


def _by_phrase(phrases: Mapping[str, str]) -> dict[str, str]:
    return {phrase: meaning for meaning, words in phrases.items() for phrase in _phrases(words)}
