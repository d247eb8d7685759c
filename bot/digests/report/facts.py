"""The facts of a digest, stored from when they were fetched until the digest is sent.

Days are Figshare's (UTC), both ends included. Moments are in seconds since 1970.

What the numbers mean, everywhere in this room:

- A count that could not be fetched is None and reads "unknown"; it is never taken for 0, and never added up.
- A 0 is a 0 only where Figshare also says that the item exists. For authors and foreign groups Figshare
  answers 0 whether or not it knows them, so a row whose counts are all 0 carries a `zero_caveat`, and
  `without_doubtful` is the same row with those 0s turned into None.
- Before something was public there is nothing to compare with, rather than a 0 (`first_public`).
- A list of new items that may be incomplete is not "nothing new" (`may_have_more_new`).
- A report is empty only if all that was counted is certainly 0 and certainly nothing is new.

A report waits in the database as JSON and may be read by another version of the bot than wrote it. The
fields therefore keep the names under which they were first stored: `name=` is the stored name.
"""

from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from bot.language.schedules import preceding_days


class ComparedCount(Struct, frozen=True):
    """A counter over the days of the digest, over as many days before them, and over all time."""

    current: int | None = field(name="now", default=None)
    previous: int | None = field(name="before", default=None)
    all_time: int | None = field(name="total", default=None)


class ReportRow(Struct, frozen=True):
    """An item, collection, project, author or group, with its views and downloads.

    `first_public` is the day on which it first was public; before it there is nothing to compare with.
    `zero_caveat` says what a 0 may mean besides 0; it is empty where Figshare says that the thing exists.
    """

    kind: str
    id: int
    title: str
    url: str | None = None
    first_public: date | None = field(name="first", default=None)
    views: ComparedCount = ComparedCount()
    downloads: ComparedCount = ComparedCount()
    zero_caveat: str = field(name="doubt", default="")

    @property
    def is_doubtful(self) -> bool:
        """Return whether neither a record nor a count other than 0 says that the thing exists."""
        numbers = (
            number
            for count in (self.views, self.downloads)
            for number in (count.current, count.previous, count.all_time)
        )
        return bool(self.zero_caveat) and not any(numbers)

    @property
    def without_doubtful(self) -> "ReportRow":
        """Return this row with its 0s unknown where it is doubtful."""
        return replace(self, views=ComparedCount(), downloads=ComparedCount()) if self.is_doubtful else self


class NewItem(Struct, frozen=True):
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
    """A line of the chart: one number for each of the report's buckets."""

    name: str
    values: tuple[int, ...]


class DayCounts(Struct, frozen=True):
    """The counts of one day, in a digest about one thing only."""

    day: date
    views: int | None
    downloads: int | None


class Report(Struct, frozen=True):
    """All facts of a digest; `as_of` is when its oldest answer was fetched, `ready_at` when all was there.

    `listed` is what was subscribed to. `members` are the items in listed collections and projects, of which
    only views are fetched, or the most viewed items of the configured portal. Where there are more members
    than were fetched, `has_more_members` is set and `member_count` is how many there are, if Figshare says.

    `new_items` is None when the topic can have none, such as a list of items. For the first digest of a
    search (`is_first_of_search`) they are the newest there are, whatever their day; later ones are of the
    digest's days. `has_new_counts` says whether their all-time counts were fetched.

    `buckets` are the first days of the chart's periods, each as long as the digest's own, which is the last.
    `charted_count` is of how many listed things the chart is, None when it is of all of them.
    """

    first_day: date
    last_day: date
    as_of: float
    listed: tuple[ReportRow, ...] = field(name="things", default=())
    members: tuple[ReportRow, ...] = ()
    has_more_members: bool = field(name="members_cut", default=False)
    member_count: int | None = field(name="members_of", default=None)
    new_items: tuple[NewItem, ...] | None = field(name="new", default=None)
    may_have_more_new: bool = field(name="more_new", default=False)
    has_new_counts: bool = field(name="new_counted", default=False)
    is_first_of_search: bool = field(name="so_far", default=False)
    buckets: tuple[date, ...] = field(name="spans", default=())
    series: tuple[Series, ...] = ()
    charted_count: int | None = field(name="series_of", default=None)
    days: tuple[DayCounts, ...] = ()
    problems: tuple[str, ...] = field(name="troubles", default=())
    ready_at: float = 0.0

    @property
    def day_count(self) -> int:
        """Return how many days the digest covers."""
        return (self.last_day - self.first_day).days + 1

    @property
    def previous_days(self) -> tuple[date, date]:
        """Return the first and last of as many days that go before."""
        return preceding_days(self.first_day, self.last_day)

    @property
    def is_empty(self) -> bool:
        """Return whether certainly nothing happened: no count is unknown or above 0, and nothing is new."""
        counts = [count.current for row in self.listed for count in (row.views, row.downloads)]
        counts += [member.views.current for member in self.members]
        is_uncertain = self.problems or self.may_have_more_new
        return not is_uncertain and not self.new_items and all(count == 0 for count in counts)
