"""What a digest says, as facts: kept from when they were fetched until they are sent.

A count that could not be had is None, never 0. Days are Figshare's, both ends included.
"""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace


class Count(Struct, frozen=True):
    """What the days of the digest added, what as many days before them added, and all there is."""

    now: int | None = None
    before: int | None = None
    total: int | None = None


class ReportRow(Struct, frozen=True):
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
    # what a 0 may mean besides 0, where Figshare does not say that this exists
    doubt: str = ""

    @property
    def is_doubtful(self) -> bool:
        """Tell whether nothing says that this exists: neither a record nor a count."""
        counted = (*_numbers(self.views), *_numbers(self.downloads))
        return bool(self.doubt) and not any(counted)

    @property
    def certain(self) -> "ReportRow":
        """Give the same thing without the 0s that may be none."""
        return replace(self, views=Count(), downloads=Count()) if self.is_doubtful else self


def _numbers(count: Count) -> tuple[int | None, ...]:
    return count.now, count.before, count.total


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


class Report(Struct, frozen=True):
    """All facts of a digest, and from when they are, in seconds since 1970."""

    first_day: date
    last_day: date
    as_of: float
    things: tuple[ReportRow, ...] = ()
    # of collections, projects and ours: the items in them, of which only views are asked
    members: tuple[ReportRow, ...] = ()
    # not all members were looked at; `members_of` is how many there are, where Figshare tells
    members_cut: bool = False
    members_of: int | None = None
    # None: not asked for
    new: tuple[New, ...] | None = None
    # there is more that is new, or may be
    more_new: bool = False
    # its all-time counts were asked for
    new_counted: bool = False
    # the first digest of a search: `new` is the newest there is, whatever the days
    so_far: bool = False
    # the first days of the series' spans
    spans: tuple[date, ...] = ()
    series: tuple[Series, ...] = ()
    # how many things the series add up, where that is not all of them
    series_of: int | None = None
    days: tuple[Day, ...] = ()
    troubles: tuple[str, ...] = ()
    # when all of it was there
    ready_at: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Tell whether certainly nothing happened."""
        counted = [count.now for each in self.things for count in (each.views, each.downloads)]
        counted += [each.views.now for each in self.members]
        unsure = self.troubles or self.more_new
        return not unsure and not self.new and not any(count != 0 for count in counted)
