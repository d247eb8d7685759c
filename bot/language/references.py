"""What a pasted id, DOI, handle, page, address or ORCID refers to on Figshare.

The forms were collected from 5,250 records: DOIs of figshare.com and of portals, handles, and pages under any
host. The number in a DOI or on a page is only a claim, since ids are global: the item that it leads to has to
be checked against `Reference.doi`.
"""

import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from bot.language.private_links import PRIVATE_LINK, without_private_links
from bot.language.tokens import LARGEST_ID

Kind = Literal["article", "collection", "project", "author", "group"]


class Reference(Struct, frozen=True):
    """Something on Figshare; its kind is None for a number or DOI alone, which is then taken for an item."""

    kind: Kind | None = None
    # None when there is only a DOI, a handle or an ORCID to look up
    id: int | None = None
    version: int | None = None
    # as typed, but in lower case, without https://doi.org/ and .vN; to be checked against the item's own
    doi: str | None = None
    # as typed, with its .vN: Figshare finds a handle only in full
    handle: str | None = None
    orcid: str | None = None
    # a private link, of which nothing else is stored
    is_private: bool = False


_KIND_WORDS: dict[str, Kind] = {
    "article": "article",
    "item": "article",
    "collection": "collection",
    "project": "project",
    "author": "author",
    "group": "group",
}
_MAX_LENGTH = 2000

_SLACK_LINK = re.compile(r"<([^|<>]*+)(?:\|[^<>]*+)?>")
_AMPERSAND = re.compile(r"&(?:amp;)++")
_ID = re.compile(r"([1-9][0-9]{0,12})(?:\.v([1-9][0-9]{0,3}))?", re.IGNORECASE)
_ORCID = re.compile(
    r"(?:orcid:|(?:https?://)?(?:www\.)?orcid\.org/)?((?:[0-9]{4}-){3}[0-9]{3}[0-9x])/?", re.IGNORECASE
)
_OAI = re.compile(r"oai:[a-z0-9.-]+:articles?/([0-9]+)(?:(?:\.v|/)([1-9][0-9]{0,3}))?", re.IGNORECASE)
_DOI = re.compile(r"(?:info:)?(?:doi:)?/?(10\.[0-9]{4,9}(?:\.[0-9]+)*/[!#-;=?-~]+)", re.IGNORECASE)
_NOT_IN_DOI = re.compile(r"[^!#-;=?-~]")
_DOI_IN_PATH = re.compile(r"/(10\.[0-9]{4,9}/.+)")
_DOI_HOST = re.compile(r"(?:https?://)?(?:(?:www|dx)\.)?doi\.org/", re.IGNORECASE)
_DOI_VERSION = re.compile(r"\.v([1-9][0-9]{0,3})$")
_DOI_ID = re.compile(r"(?:^10\.[0-9.]+/|\.)([1-9][0-9]{0,12})$")
_DOI_COLLECTION = re.compile(r"[./]c\.[0-9]+$")
_HANDLE_HOST = re.compile(r"(?:hdl:|(?:https?://)?hdl\.handle\.net/)", re.IGNORECASE)
_HANDLE = re.compile(
    r"[0-9]{4,6}(?:\.[0-9]+)*/(?:[a-z][a-z_-]*\.)*[0-9]{3,12}(?:\.v([1-9][0-9]{0,3}))?", re.I
)
_TWO_YEARS = re.compile(r"(?:19|20)[0-9]{2}/(?:19|20)[0-9]{2}")
_ADDRESS = re.compile(r"https?://\S+|(?:[a-z0-9-]+\.)+[a-z]{2,}(?::[0-9]+)?/\S+", re.IGNORECASE)
_FILE_PATH = re.compile(r"(?:/v[0-9])?(?:/ndownloader)?/(?:files|file/download)/[0-9]+(?:/|$)")
_PAGE_KINDS: dict[str, Kind] = {
    "articles": "article",
    "collections": "collection",
    "projects": "project",
    "authors": "author",
}
# What may stand in front of /articles/N: the API's version, the account's pages, downloads.
_BEFORE_PAGES = frozenset({"v2", "v3", "account", "ndownloader"})
_VERSION = re.compile(r"[1-9][0-9]{0,3}")


def parse_reference(text: str) -> Reference | None:
    """Return what a pasted text refers to; None if it has none of the forms that lead to Figshare.

    A private link gives `Reference(is_private=True)`, without its hash.
    """
    pasted = _trimmed(text)
    if not pasted or len(pasted) > _MAX_LENGTH:
        return None
    if without_private_links(pasted) != pasted or PRIVATE_LINK in pasted:
        return Reference(is_private=True)
    for parse in (_parse_id, _parse_orcid, _parse_oai, _parse_doi, _parse_handle, _parse_page):
        reference = parse(pasted)
        if reference is not None:
            return reference
    return None


def leading_reference(words: Sequence[str]) -> tuple[Reference, int] | None:
    """Return the reference that a list of words begins with, and how many words it takes.

    None if there is none, or if a word for its kind (`collection 123`) contradicts what follows.
    """
    first = words[0].lower() if words else ""
    if len(words) > 1 and first in _KIND_WORDS:
        of_kind = _with_kind(_KIND_WORDS[first], parse_reference(words[1]))
        return (of_kind, 2) if of_kind else None
    if len(words) > 1 and first in ("doi:", "hdl:", "orcid:"):
        prefixed = parse_reference(first + words[1])
        return (prefixed, 2) if prefixed else None
    reference = parse_reference(words[0]) if words else None
    return (reference, 1) if reference else None


def is_file_link(text: str) -> bool:
    """Return whether a text is the address of a file, from which no public call leads to its item."""
    pasted = _trimmed(text)
    if len(pasted) > _MAX_LENGTH or not _ADDRESS.fullmatch(pasted):
        return False
    return _FILE_PATH.match(_path_of(pasted)) is not None


def label(reference: Reference) -> str:
    """Return what a reference is called in an answer: `item 5616445.v2`, `collection 4561`, a DOI."""
    if reference.is_private:
        return "a private link"
    version = f".v{reference.version}" if reference.version else ""
    if reference.doi:
        return reference.doi + version
    if reference.handle:
        return reference.handle
    if reference.kind in (None, "article"):
        return f"item {reference.id}{version}"
    return f"{reference.kind} {reference.orcid or f'{reference.id}{version}'}"


def command_words(reference: Reference) -> str:
    """Return the words that `leading_reference` reads as this reference; "" for a private link."""
    if reference.is_private:
        return ""
    version = f".v{reference.version}" if reference.version else ""
    if reference.handle:
        words = reference.handle if parse_reference(reference.handle) else f"hdl:{reference.handle}"
    else:
        words = reference.doi or reference.orcid or str(reference.id)
        words += "" if reference.orcid else version
    return words if parse_reference(words) == reference else f"{reference.kind} {words}"


def _trimmed(text: str) -> str:
    """Return the text without Slack's wrapping and the punctuation of the sentence around it."""
    pasted = text[: _MAX_LENGTH * 2].strip()
    link = _SLACK_LINK.fullmatch(pasted.rstrip(".,;:!?)"))
    pasted = (link[1] if link else pasted).strip().lstrip("<([{\"'")
    return _without_trailing(_AMPERSAND.sub("&", pasted), ".,;:!?>\"'")


def _without_trailing(pasted: str, punctuation: str) -> str:
    """Return the text without punctuation at its end and without closing brackets that close nothing."""
    unopened = {close: pasted.count(close) - pasted.count(opening) for opening, close in ("()", "[]", "{}")}
    end = len(pasted)
    while end and (pasted[end - 1] in punctuation or unopened.get(pasted[end - 1], 0) > 0):
        end -= 1
        if pasted[end] in unopened:
            unopened[pasted[end]] -= 1
    return pasted[:end]


def _valid_id(digits: str) -> int | None:
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 13 else 0
    return number if 1 <= number <= LARGEST_ID else None


def _version(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _with_kind(kind: Kind, reference: Reference | None) -> Reference | None:
    """Return the reference with the kind that stood before it, or None if it can't be of that kind."""
    if reference is None or reference.is_private:
        return reference
    if reference.kind not in (None, kind):
        return None
    # Only items and collections have DOIs and versions; handles are looked up among items.
    if (reference.doi or reference.version) and kind not in ("article", "collection"):
        return None
    if reference.handle and kind != "article":
        return None
    return replace(reference, kind=kind)


def _parse_id(pasted: str) -> Reference | None:
    match = _ID.fullmatch(pasted)
    number = _valid_id(match[1]) if match else None
    return Reference(id=number, version=_version(match[2])) if match and number else None


def _parse_orcid(pasted: str) -> Reference | None:
    match = _ORCID.fullmatch(pasted)
    if not match:
        return None
    orcid = match[1].upper()
    # The check digit, ISO 7064 11,2: https://support.orcid.org/hc/en-us/articles/360006897674
    total = 0
    for digit in orcid.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check_digit = "0123456789X"[(12 - total % 11) % 11]
    return Reference("author", orcid=orcid) if orcid[-1] == check_digit else None


def _parse_oai(pasted: str) -> Reference | None:
    match = _OAI.fullmatch(pasted)
    number = _valid_id(match[1]) if match else None
    return Reference("article", number, _version(match[2])) if match and number else None


def _parse_doi(pasted: str) -> Reference | None:
    host = _DOI_HOST.match(pasted)
    doi = re.split(r"[?#]", pasted[host.end() :])[0] if host else pasted
    if host or "/" not in doi:
        doi = unquote(doi)
    match = _DOI.fullmatch(doi)
    return _doi_reference(match[1]) if match else None


def _doi_reference(text: str) -> Reference | None:
    """Return the reference of a DOI; its id is the last `.digits`, or all of the suffix, before `.vN`."""
    doi, before = text.lower(), ""
    while doi != before:
        doi, before = _without_trailing(_trimmed(doi), ".,;:!?>\"'/"), doi
    version_part = _DOI_VERSION.search(doi)
    version = None
    if version_part:
        doi, version = doi[: version_part.start()], int(version_part[1])
    if not _DOI.fullmatch(doi):
        return None
    id_part = _DOI_ID.search(doi)
    number = _valid_id(id_part[1]) if id_part else None
    kind: Kind | None = "collection" if number and _DOI_COLLECTION.search(doi) else None
    return Reference(kind, number, version, doi=doi)


def _parse_handle(pasted: str) -> Reference | None:
    host = _HANDLE_HOST.match(pasted)
    handle = pasted[host.end() :] if host else pasted
    match = _HANDLE.fullmatch(handle)
    # 2024/2025 is how people write a year, unless they say that it is a handle.
    if not match or (not host and _TWO_YEARS.fullmatch(handle)):
        return None
    return Reference(version=_version(match[1]), handle=handle)


def _path_of(address: str) -> str:
    """Return the decoded path of an address; "" if it can't be taken apart."""
    try:
        return unquote(urlsplit(address if "://" in address else f"https://{address}").path)
    except ValueError:
        return ""


def _parse_page(pasted: str) -> Reference | None:
    """Read the address of a page or of the API by its path alone: portals have hosts of their own."""
    if not _ADDRESS.fullmatch(pasted) or is_file_link(pasted):
        return None
    path = _path_of(pasted)
    segments = [segment for segment in path.split("/") if segment]
    while segments and segments[0].lower() in _BEFORE_PAGES:
        segments = segments[1:]
    if len(segments) > 1 and segments[0].lower() in _PAGE_KINDS:
        return _page_reference(_PAGE_KINDS[segments[0].lower()], segments[1:])
    # https://commons.datacite.org/doi.org/10.… and other pages about a DOI
    doi = _DOI_IN_PATH.search(_NOT_IN_DOI.split(path)[-1])
    return _doi_reference(doi[1]) if doi else None


def _page_reference(kind: Kind, segments: list[str]) -> Reference | None:
    """Return the reference of `[type/][slug/]id[/version]`, or of the API's `id[/versions/version][/…]`."""
    first = _valid_id(segments[0])
    if first and (len(segments) == 1 or not segments[1].isdigit()):
        has_version = len(segments) > 2 and segments[1] == "versions" and _VERSION.fullmatch(segments[2])
        return _id_reference(kind, first, segments[2] if has_version else None)
    last, before = _valid_id(segments[-1]), _valid_id(segments[-2]) if len(segments) > 1 else None
    if last is None:
        return None
    # A slug may be a number too: /articles/dataset/2020/123456
    if before and _VERSION.fullmatch(segments[-1]) and (before > 9999 or len(segments) > 3):
        return _id_reference(kind, before, segments[-1])
    return _id_reference(kind, last, None)


def _id_reference(kind: Kind, number: int, version: str | None) -> Reference:
    return Reference(kind, number, _version(version) if kind in ("article", "collection") else None)
