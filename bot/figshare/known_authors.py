"""Authors' names by number, as far as the records that were fetched tell them.

Figshare publishes no record of an author, and its rankings and counts have only numbers.
"""

from collections.abc import Iterable, Sequence

from cachetools import LRUCache

from bot.figshare.models import Author
from bot.text import cut, plain

_MAX_AUTHORS = 10_000
# An item may have thousands of authors, who must not displace all others.
_MAX_AUTHORS_PER_RECORD = 500
_MAX_HTML, _MAX_NAME = 1_000, 80


class KnownAuthors:
    """The names of the authors who were seen last, in memory only."""

    def __init__(self, max_authors: int = _MAX_AUTHORS) -> None:
        self._names: LRUCache[int, str] = LRUCache(max_authors)

    def __len__(self) -> int:
        return len(self._names)

    def add(self, authors: Sequence[Author | None]) -> None:
        """Remember the authors of a public record; what a newer record says replaces a name."""
        for id, name in _names(authors[:_MAX_AUTHORS_PER_RECORD]):
            self._names[id] = name

    def name(self, id: int) -> str:
        """Return the name of an author, or nothing where it isn't known."""
        return self._names.get(id, "")


def _names(authors: Iterable[Author | None]) -> Iterable[tuple[int, str]]:
    for author in authors:
        if author is not None and author.id and (name := plain(author.full_name, _MAX_HTML)):
            yield author.id, cut(name, _MAX_NAME)
