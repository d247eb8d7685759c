"""Authors' names in parts, as a citation needs them: a person's family name, or an organisation whole.

Figshare has one field for a name, or two of its own making, split at the last space. Its citation spells the
first names of an item as people typed them, "Family, Given"; the others are split here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.figshare.models import Author
from bot.text import plain

# A longer name fits into no message.
_MAX_NAME = 500

# Words that stand in names of organisations, and hardly ever in those of people.
_ORGANISATIONS = """
    academy agency alliance archive archives association authority bureau center centre collaboration college
    commission committee company consortium corporation council department division facility faculty
    federation foundation gmbh group hospital inc initiative lab labs library llc ltd ministry museum network
    observatory office organisation organization partnership program programme project school section service
    services society study survey team trust union unit
"""
_ORGANISATION_STEMS = ("institut", "laborator", "universi")
# With a capital some of them are given names (In, On).
_FUNCTION_WORDS = "and at for in of on the with für und et pour para"
# Parts of a family name that stand before it. With a capital some are given names too (Do, Le, Van).
_PARTICLES = """
    af al am auf av bin bint da dal dalla das de degli dei del dela della den der des di do dos du el ibn la
    las le les lo los ten ter te tot van vande vanden vander vom von zu zum zur 't
"""
_CAPITALISED_PARTICLES = "Da Das De Del Della Di Dos Du El Von"
_CONNECTORS = {"e", "i", "y"}
_ORGANISATION_WORDS, _IN_ORGANISATIONS = frozenset(_ORGANISATIONS.split()), frozenset(_FUNCTION_WORDS.split())
_BEFORE_FAMILY, _WITH_CAPITAL = frozenset(_PARTICLES.split()), frozenset(_CAPITALISED_PARTICLES.split())
_NO_PERSON = re.compile("[&@(/]")
_TITLES = {"dame", "dr", "mr", "mrs", "ms", "mx", "prof", "professor", "rev", "sir"}
_DEGREES = {"BSc", "DPhil", "DrPH", "MBA", "MD", "MPH", "MSc", "PhD"}
# Names as well (Xiao Ma), but not after a comma.
_SHORT_DEGREES = {"BA", "MA", "RN"}
_SUFFIX = re.compile(r"(?:Jr|Sr|Jnr|Snr|II|III|IV|V|VI)\.?")
_ET_AL = re.compile(r"(?:et\.? al\.?|and others|others)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AuthorName:
    """A person's name; without a given name, an organisation or a single name.

    `suffix` is a Jr. that a comma sets apart, or that styles with a place of its own for it show there; a
    numeral without a comma stays with the family name.
    """

    family: str
    given: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.family, self.given, self.suffix)))


def is_et_al(author: Author) -> bool:
    """Return whether a row names nobody, but says that there are more authors."""
    name = author.full_name or author.last_name or ""
    return len(name) < 40 and bool(_ET_AL.fullmatch(plain(name)))


def cited_names(citation: str) -> dict[tuple[str, ...], str]:
    """Return the names that a citation of Figshare's spells, by their words in alphabetical order.

    The citation is "Family, Given; Family, Given; et al. (2025): …".
    """
    names = re.split(r" \((?:[0-9]{4}|n\.d\.)\)", citation, maxsplit=1)[0].split("; ")
    return {_words(name): name for name in names if "," in name and len(name) <= _MAX_NAME}


def author_name(author: Author, cited: Mapping[tuple[str, ...], str]) -> AuthorName | None:
    """Return a name in its parts: as its own fields have it, or the citation, or else at a guess."""
    family, given = plain(author.last_name, _MAX_NAME), plain(author.first_name, _MAX_NAME)
    full_name = plain(author.full_name, _MAX_NAME) or f"{given} {family}".strip()
    if not full_name:
        return None
    if _is_organisation(full_name):
        return AuthorName(full_name)
    if family:
        return _with_suffix(family, given)
    if spelled := cited.get(_words(full_name)):
        return _split_at_comma(spelled)
    return _guess(full_name)


def _is_organisation(name: str) -> bool:
    words = re.findall(r"\w+", name)
    return (
        bool(_NO_PERSON.search(name))
        or not _IN_ORGANISATIONS.isdisjoint(words)
        or any(
            word in _ORGANISATION_WORDS or word.startswith(_ORGANISATION_STEMS)
            for word in map(str.lower, words)
        )
    )


def _words(name: str) -> tuple[str, ...]:
    return tuple(sorted(re.findall(r"\w+", name.lower())))


def _guess(name: str) -> AuthorName:
    """Return a name split at its comma, or before its last word and what belongs to that."""
    words = _without_honours(name.split())
    if any("," in word for word in words):
        return _split_at_comma(" ".join(words))
    suffix = f" {words.pop()}" if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    begin = _start_of_family(words)
    return _with_suffix(" ".join(words[begin:]) + suffix, " ".join(words[:begin]))


def _without_honours(words: list[str]) -> list[str]:
    """Return the words of a name without `Dr.` before it and `PhD` behind it, which no citation has."""
    first, last = 0, len(words)
    while first < last - 1 and words[first].rstrip(".").lower() in _TITLES:
        first += 1
    while first < last - 2 and _is_degree(words[last - 1], words[last - 2].endswith(",")):
        last -= 1
    kept = words[first:last]
    return [*kept[:-1], kept[-1].rstrip(",")] if last < len(words) else kept


def _is_degree(word: str, is_after_comma: bool) -> bool:
    bare = word.replace(".", "").rstrip(",")
    return bare in _DEGREES or (is_after_comma and bare in _SHORT_DEGREES)


def _start_of_family(words: list[str]) -> int:
    """Return where a family name begins: at its particle, or before `y` as in Ortega y Gasset."""
    last = len(words) - 1
    for index in range(1, last):
        word = words[index]
        if word in _CONNECTORS and index > 1:
            return index - 1
        # Van der Berg, but not Thi Van Nguyen
        is_with_next = word.lower() in _BEFORE_FAMILY and words[index + 1] in _BEFORE_FAMILY
        if word in _BEFORE_FAMILY or word in _WITH_CAPITAL or is_with_next:
            return index
    return last


def _split_at_comma(name: str) -> AuthorName:
    parts = [part for part in map(str.strip, name.split(",")) if part]
    # "King, Jr., Martin", "King, Martin, Jr." and "Martin King, Jr."
    suffixes = [part for part in parts[1:] if _SUFFIX.fullmatch(part)]
    names = [part for index, part in enumerate(parts) if not index or part not in suffixes]
    if not names:
        return AuthorName(name)
    if suffixes and len(names) == 1:
        person = _guess(names[0])
        return AuthorName(person.family, person.given, suffixes[0])
    family, *given = names
    person = _with_suffix(family, ", ".join(given))
    return AuthorName(person.family, person.given, suffixes[0]) if suffixes else person


def _with_suffix(family: str, given: str) -> AuthorName:
    """Return a name without the Jr. or comma within its family name, which then is its suffix."""
    match = re.fullmatch(r"(.*\S)(?:,\s*(\S+)|\s((?:Jr|Sr|Jnr|Snr)\.?))", family)
    suffix = (match[2] or match[3]) if match else ""
    if match and _SUFFIX.fullmatch(suffix):
        return AuthorName(match[1].rstrip(", "), given, suffix)
    return AuthorName(family, given)
