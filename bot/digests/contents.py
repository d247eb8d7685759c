"""What a digest says, as facts: kept from when they were fetched until they are sent.

A count that could not be had is None, never 0. Days are Figshare's, both ends included.
"""

from datetime import date

from msgspec import Struct


class Count(Struct, frozen=True):
    """What the days of the digest added, what as many days before them added, and all there is."""

    now: int | None = None
    before: int | None = None
    total: int | None = None


class Thing(Struct, frozen=True):
    """An item, collection, project, author or group, and how often it was viewed and downloaded.

    `first` is the day on which it was first public: before that there is nothing to compare with.
    """

    kind: str
    id: int
    title: str
    url: str | None = None
    first: date | None = None
    views: Count = Count()
    downloads: Count = Count()
    # known only by its number, so a 0 may say that there is no such thing
    doubt: str = ""


class New(Struct, frozen=True):
    """Something that was published: an item, or for a search also a collection or project."""

    kind: str
    id: int
    title: str
    url: str | None
    published: date | None
    is_version: bool = False
    views: int | None = None
    downloads: int | None = None


class Series(Struct, frozen=True):
    """Counts of spans as long as the digest's, the last of which is its own."""

    name: str
    values: tuple[int, ...]


class Day(Struct, frozen=True):
    """The counts of one day of the one thing that a digest is of."""

    day: date
    views: int | None
    downloads: int | None


class Contents(Struct, frozen=True):
    """All facts of a digest, and from when they are, in seconds since 1970."""

    first_day: date
    last_day: date
    as_of: float
    things: tuple[Thing, ...] = ()
    # of collections, projects and ours: the items in them, of which only views are asked
    members: tuple[Thing, ...] = ()
    # how many members there are, where not all were looked at
    members_of: int | None = None
    # None: not asked for
    new: tuple[New, ...] | None = None
    more_new: bool = False
    # the first days of the series' spans
    spans: tuple[date, ...] = ()
    series: tuple[Series, ...] = ()
    days: tuple[Day, ...] = ()
    troubles: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether certainly nothing happened."""
        counted = [count.now for each in self.things for count in (each.views, each.downloads)]
        return not self.troubles and not self.new and not any(count != 0 for count in counted)
