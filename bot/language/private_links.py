"""Private links, whose hash works like a password, taken out of whatever text they stand in.

Figshare shows an unpublished item to everybody who has its private link, such as
`https://figshare.com/s/0123456789abcdef0123`, so the hash must not be stored, logged or sent on.
"""

import re
from string import ascii_letters
from urllib.parse import unquote

# What stands in place of a private link.
PRIVATE_LINK = "https://figshare.com/s/private"

# A run of characters that may hold an address: it ends at characters that no address needs, or where the
# next address begins.
_RUN = re.compile(r"[^\s\"'<>()\[\]{}|`*~,;](?:(?!https?://)[^\s\"'<>()\[\]{}|`*~,;])*+", re.IGNORECASE)
# Under Figshare's own hosts everything after /s/ is a hash; elsewhere only what looks like its hashes.
_PRIVATE_PART = re.compile(
    r"private_link=[^&#]"
    r"|(?:figshare|figsh)\.com\.?(?::[0-9]*+)?[\\/]++s[\\/]++[^\\/?#]"
    r"|(?<![\\/])[\\/]++s[\\/]++(?:[0-9a-f]{8,}+(?![0-9a-z-])|[0-9a-z_-]{16})",
    re.IGNORECASE,
)
_ENCODED_AGAIN = re.compile(r"%(?:25)++(?=[0-9a-f]{2})", re.IGNORECASE)
_DOI_REGISTRANT = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*")


def without_private_links(text: str) -> str:
    """Return the text with `PRIVATE_LINK` in place of every private link.

    A link is found anywhere: inside a sentence, behind other characters, percent-encoded once or more.
    """
    if "%" not in text and not _PRIVATE_PART.search(text):
        return text
    return _RUN.sub(lambda run: _without_private_link(run[0]), text)


def _without_private_link(run: str) -> str:
    start = _private_link_start(run)
    before = run if start is None else run[:start]
    if _private_link_start(unquote(_ENCODED_AGAIN.sub("%", before))) is not None:
        return PRIVATE_LINK
    return before if start is None else before + PRIVATE_LINK


def _private_link_start(run: str) -> int | None:
    """Return where the address of the first private link begins in a run of characters."""
    for match in _PRIVATE_PART.finditer(run):
        if not _is_in_doi(run, match):
            return _address_start(run, match.start())
    return None


def _is_in_doi(run: str, match: re.Match[str]) -> bool:
    """Return whether the match stands in a DOI, `10.1234/s/…`, whose suffix may look like a hash."""
    if match[0][0] not in "\\/":
        return False
    before = run[max(match.start() - 40, 0) : match.start()]
    segment = re.split(r"[\\/:=]", before)[-1]
    return _DOI_REGISTRANT.fullmatch(segment) is not None


def _address_start(run: str, index: int) -> int:
    """Return where the address begins of which this index is a part: at its scheme, or after a colon."""
    scheme = run.rfind("://", 0, index)
    if scheme >= 0:
        return len(run[:scheme].rstrip(ascii_letters))
    colon = run.rfind(":", 0, index)
    if run[colon + 1 : index].isdigit():
        # That colon stands before the host's port.
        colon = run.rfind(":", 0, max(colon, 0))
    return colon + 1
