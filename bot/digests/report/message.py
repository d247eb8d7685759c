"""How a digest looks in the channel: at most twelve blocks; the rest is in its thread."""

from collections.abc import Iterable

from bot.digests.buttons import adopt, change_or_stop
from bot.digests.report.chart import chart
from bot.digests.report.facts import Count, New, Report, ReportRow
from bot.digests.report.phrases import NOUNS, Age, added, age, counted, link, short, since, total
from bot.items.counts import RAW
from bot.language.schedules import before, day_of
from bot.reply import Button, Line, Moment, Part, Reply, Span, Strong, Text
from bot.text import day, days, plural

# Of each list in the channel; all of them are in the thread.
SHOWN = 5
# What has items in it.
HOLDERS = ("collection", "project")
_OFTEN = {"weekdays": "weekday"}
_USUAL = (1, 7)
_TROUBLES = 3


def message(said: Report, title: str, often: str, *, is_test: bool = False, late: Line = ()) -> Reply:
    """Give the message in the channel, without who set it up and what comes next."""
    kind = f"{_OFTEN.get(often, often)} digest".strip()
    opening = f"Test of the {kind}: " if is_test else f"{kind.capitalize()}: "
    parts: list[Part] = [Text((*_window(said), *late)), *_counts(said), *chart(said)]
    parts += [Text(_below(each)) for each in (_movers(said), _news(said)) if each]
    if said.troubles:
        more = len(said.troubles) - _TROUBLES
        some = " ".join(said.troubles[:_TROUBLES]) + (f" And {more} more." if more > 0 else "")
        parts.append(Text((some,), "Not everything could be had"))
    return Reply((opening, *_titled(said, title)), tuple(parts))


def _titled(said: Report, title: str) -> Line:
    if len(said.things) != 1:
        return (title,)
    one = said.things[0]
    # Without a record the name it was subscribed with is all there is.
    return (link(one) if one.url else title, f" ({one.kind})" if one.kind in HOLDERS else "")


def _window(said: Report) -> Line:
    window = days(said.first_day, said.last_day)
    if said.so_far:
        return (f"Until {day(said.last_day)}",)
    if said.last_day >= day_of(said.as_of):
        window += ", so far"
    alone = said.things[0] if len(said.things) == 1 else None
    if not (said.things or said.members) or (alone and not said.members and age(alone, said) == "new"):
        return (window,)
    length = (said.last_day - said.first_day).days + 1
    each = "" if length in _USUAL else f", {length} days each"
    return (window, f", compared with {days(*before(said.first_day, said.last_day))}{each}")


def _counts(said: Report) -> list[Part]:
    """Give the counts of each thing; of many their sum, where they can be added up."""
    if len(said.things) < 2:
        return [_alone(each, said) for each in said.things]
    kinds = {each.kind for each in said.things}
    can_add = len(kinds) == 1 and kinds <= NOUNS.keys()
    if len(said.things) <= SHOWN:
        rows = [_row(each, said) for each in said.things]
        return [Text(_below([*rows, _together(said)] if can_add and _all_known(said) else rows))]
    if can_add:
        views, downloads = _summed(said, "views", " · "), _summed(said, "downloads", " · ")
        return [Text(_below((("Views  ", *views), ("Downloads  ", *downloads))))]
    heading: Line = (Strong(f"The {SHOWN} most viewed of {len(said.things)}"),)
    some = most_viewed(said.things)[:SHOWN]
    return [Text(_below((heading, *(_row(each, said) for each in some))))]


def _alone(one: ReportRow, said: Report) -> Text:
    public = since(one, said)
    rows: list[Line] = [
        ("Views  ", *counted(one, one.views, said, " · ")),
        ("Downloads  ", *counted(one, one.downloads, said, " · ")),
    ]
    if public:
        nothing = ", so there is nothing to compare with" if age(one, said) == "new" else ""
        rows.append((f"{public[0].upper()}{public[1:]}{nothing}.",))
    return Text(_below(rows))


def _together(said: Report) -> Line:
    views, downloads = _summed(said, "views", ", "), _summed(said, "downloads", ", ")
    return (Strong("Together"), "\nViews ", *views, " · Downloads ", *downloads)


def _all_known(said: Report) -> bool:
    counts = (count for each in said.things for count in (each.certain.views, each.certain.downloads))
    return all(each.now is not None for each in counts)


def _summed(said: Report, counter: str, between: str) -> Line:
    """Add up a counter over all things; what is not known is said, and not added."""
    counts: list[Count] = [getattr(each.certain, counter) for each in said.things]
    known = [each for each in counts if each.now is not None]
    totals = [each.total for each in counts if each.total is not None]
    all_time = total(sum(totals) if len(totals) == len(counts) else None)
    if not known:
        return (Strong("unknown"), between, all_time) if len(totals) == len(counts) else (Strong("unknown"),)
    sums = Count(sum(each.now or 0 for each in known), sum(each.before or 0 for each in known))
    # What was not public yet is no rise.
    of: Age = "old" if all(age(each, said) == "old" for each in said.things) else "young"
    some = ""
    if len(known) < len(counts):
        rest = "the other is" if len(counts) - len(known) == 1 else "the others are"
        some = f" for {len(known)} of {plural(len(counts), NOUNS[said.things[0].kind])}, {rest} unknown"
    return (*added(sums, of), some, between, all_time)


def _row(thing: ReportRow, said: Report) -> Line:
    if thing.is_doubtful:
        return (link(thing), f"\n0 views and downloads, or {thing.doubt}")
    public = since(thing, said)
    # Numbers have a line of their own, which no title can turn round.
    return (
        *(link(thing), "\nViews ", *counted(thing, thing.views, said, ", ")),
        *(" · Downloads ", *counted(thing, thing.downloads, said, ", ")),
        f" · {public}" if public else "",
    )


def _below(rows: Iterable[Line]) -> Line:
    """Put lines below each other, in one block."""
    spans: list[Span] = []
    for row in rows:
        spans += [*(("\n",) if spans else ()), *row]
    return tuple(spans)


def most_viewed(things: Iterable[ReportRow]) -> list[ReportRow]:
    """Sort things by how often they were viewed; what is not known comes last."""
    views = ((each.certain.views.now, each) for each in things)
    ranked = sorted(views, key=lambda one: -1 if one[0] is None else one[0], reverse=True)
    return [each for _, each in ranked]


def _movers(said: Report) -> list[Line]:
    """Give the items whose views changed most; of a portal the most viewed, which Figshare ranks."""
    holders = [each for each in said.things if each.kind in HOLDERS]
    listed = [each for each in said.things if each.kind == "article"] if len(said.things) > SHOWN else []
    if said.members and not holders:
        return [(Strong("Most viewed"),), *_ranked(said.members, said)]
    moved = [(each, _change(each.certain.views)) for each in (*listed, *said.members)]
    most = sorted(moved, key=lambda one: (abs(one[1]), one[0].views.now or 0), reverse=True)
    some = [each for each, change in most if change][:SHOWN]
    if not some:
        return []
    heading = f"Biggest changes in views{_among(said, holders, bool(listed))}"
    return [(Strong(heading),), *_ranked(some, said)]


def _among(said: Report, holders: list[ReportRow], has_listed: bool) -> str:
    """Say where was looked, where that is not plain."""
    if not holders or (has_listed and not said.members):
        return ""
    these = "these and " if has_listed else ""
    kinds = sorted({each.kind for each in holders})
    inside = f"in the {kinds[0]}" if len(holders) == 1 else f"in the {'s and '.join(kinds)}s"
    if not said.members_cut:
        return f", among {these}the items {inside}"
    count = len(said.members)
    if said.members_of:
        return f", among {these}the first {count} of its {said.members_of:,} items"
    return f", among {these}the first {count} items {inside}"


def _change(count: Count) -> int:
    return 0 if count.now is None or count.before is None else count.now - count.before


def _ranked(things: Iterable[ReportRow], said: Report) -> list[Line]:
    rows: list[Line] = []
    for at, each in enumerate(things, 1):
        public = since(each, said)
        counts = added(each.views, age(each, said), "view")
        rows.append((f"{at}. ", link(each), "  ", *counts, f", {public}" if public else ""))
    return rows


def _news(said: Report) -> list[Line]:
    """Give what is new, or that nothing is, or that nobody knows."""
    if said.new is None:
        return []
    if not said.new and said.more_new:
        return [(Strong("New items: unknown"),)]
    some = [found(each, said) for each in said.new[:SHOWN]]
    if said.so_far:
        return [_so_far(len(some)), *some]
    has_groups = any(each.kind == "group" for each in said.things)
    among = f" among the first {len(said.members)}" if said.members_cut and not has_groups else ""
    if not said.new:
        return [(f"Nothing new{among}{_inside(said)}.",)]
    kinds = {each.kind for each in said.new}
    noun = NOUNS[kinds.pop()] if len(kinds) == 1 else "item"
    count = f"{len(said.new)}{' or more' if said.more_new else ''}{among}"
    newest = f", the newest {SHOWN} of them" if len(said.new) > SHOWN else ""
    return [(Strong(f"New {noun}s: {count}{newest}"),), *some]


def _inside(said: Report) -> str:
    """Say where it was looked for what is new, where more was counted."""
    kinds = [each.kind for each in said.things]
    if not set(kinds) - {*HOLDERS, "group"}:
        return ""
    inside = [
        f"{kind}{'s' if kinds.count(kind) > 1 else ''}" for kind in (*HOLDERS, "group") if kind in kinds
    ]
    return f" in the {' and '.join(inside)}" if inside else ""


def _so_far(count: int) -> Line:
    if not count:
        return ("Nothing matches so far.",)
    heading = "The newest so far" if count == 1 else f"The {count} newest so far"
    return (Strong(f"{heading}."), " The next digests show only what is new.")


def found(new: New, said: Report) -> Line:
    """Say when something was published, and how often it was looked at since."""
    facts = [short(new.published, with_year=True) if new.published else "no date"]
    if new.is_version:
        facts.append("new version")
    if said.new_counted:
        pairs = ((new.views, "view"), (new.downloads, "download"))
        facts += [f"{noun}s unknown" if n is None else plural(n, noun) for n, noun in pairs]
    return (link(new), "\n" if said.new_counted else "  ", " · ".join(facts))


def footed(
    reply: Reply, said: Report, number: int, *, owner: str, next_at: float | None, gone: bool = False
) -> Reply:
    """Add the small print and the buttons: raw counts as of when, what comes next, and who set it up."""
    following: Line = (" Next: ", Moment(next_at), ".") if next_at is not None else ()
    # Slack would take an owner called `@channel` at their word.
    name = owner.replace("@", "@\u2060")
    who = f"{name}, who set it up, has left." if gone else f"Set up by {name}."
    change, stop = change_or_stop(number)
    buttons = [change, Button("Pause", action="digest.pause", value=str(number)), stop]
    if gone:
        buttons.insert(0, adopt(number))
    return reply.with_footnotes(
        (f"{RAW} as of ", Moment(said.as_of), f"{_which(said)}; Figshare's days, in UTC."),
        (f"Digest {number}. {who}", *following),
    ).with_buttons(*buttons)


def _which(said: Report) -> str:
    """Say what the counts are of, where that could be taken for something else."""
    if said.new_counted:
        return ", all time"
    versions = any(each.kind == "article" for each in (*said.things, *said.members))
    return ", all versions together" if versions else ""
