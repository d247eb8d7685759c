"""A subscription as people see it: all of it, with its next dates."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.digests.schedule import window
from bot.digests.subscription import Subscription
from bot.digests.wording import days
from bot.reply import Button, Code, Reply, Text
from bot.text import day

STOP = "Stop this digest? Its number is not used again."
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def confirmed(
    it: Subscription, now: float, opening: str, *, public: bool = False, aside: bool = False
) -> Reply:
    """Repeat a whole subscription as it was understood, with the next three dates."""
    following = it.schedule.next(now, 3)
    first = window(it.since, following[0])
    value = str(it.id)
    return Reply(
        (opening, it.title),
        (
            Text((it.schedule.label,), "Comes"),
            Text((Code(it.what),), "Of"),
            Text((" · ".join(local(each, it.schedule.zone) for each in following),), "Next"),
            Text((f"{days(*first)}: whole days, as Figshare counts them, in UTC",), "The first counts"),
        ),
        notes=(
            (
                f"Digest {it.id}, set up by {it.owner_name}. ",
                Code("subscriptions"),
                " lists those of a channel.",
            ),
        ),
        buttons=(
            Button("Send a test now", deed="digest.send", value=value),
            Button("Change", deed="digest.change", value=value),
            Button("Stop", deed="digest.stop", value=value, confirm=STOP),
        ),
        public=public,
        aside=aside,
    )


def local(moment: float, zone: str) -> str:
    """Write a moment in the time zone of a digest: `Mon 30 Nov 2026, 09:00`."""
    at = datetime.fromtimestamp(moment, ZoneInfo(zone))
    return f"{_WEEKDAYS[at.weekday()]} {day(at)}, {at:%H:%M}"
