"""A subscription as people see it: all of it, with its next dates."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.digests import resolver
from bot.digests.buttons import change_or_stop
from bot.language.schedules import Schedule, window
from bot.reply import Button, Channel, Code, Line, Moment, Reply, Text
from bot.storage.rows import Subscription
from bot.text import day, days

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def confirmed(it: Subscription, now: float, opening: str, where: str = "", *, is_new: bool = False) -> Reply:
    """Repeat a whole subscription as it was understood, with the next three dates.

    Everybody sees it in its own channel; elsewhere whoever asked.
    """
    value, comes = str(it.id), it.state == "active"
    facts = [Text((it.schedule.label,), "Comes"), Text((Code(it.what),), "Of")]
    if comes:
        first_slot = it.schedule.following(it.since, now)
        following = [first_slot, *it.schedule.next(first_slot, 2)]
        first = days(*window(it.since, following[0]))
        facts.append(Text((" · ".join(local(each, it.schedule.zone) for each in following),), "Next"))
        if is_new and it.what.startswith("search "):
            facts.append(Text(("the five newest so far; later ones what is new since",), "The first shows"))
        else:
            said = f"{first}: whole days, as Figshare counts them, in UTC"
            facts.append(Text((said,), f"The {'first' if is_new else 'next'} counts"))
    else:
        facts.append(Text((f"It is {resting(it)}: nothing comes until it is resumed.",)))
    facts.append(Text((f"Digest {it.id}, set up by {it.owner_name}.",)))
    first_button = (
        Button("Send a test now", action="digest.send", value=value)
        if comes
        else Button("Resume", action="digest.resume", value=value, style="primary")
    )
    return Reply(
        (opening, it.title),
        tuple(facts),
        footnotes=((Code("subscriptions"), " lists the digests of a channel."),),
        buttons=(first_button, *change_or_stop(it.id)),
        public_in=it.channel if where == it.channel else "",
        keeps_original=where != it.channel,
    )


def could_not_be_sent(id: int, title: str, slot: float, why: str, is_test: bool) -> Reply:
    """Say in one line what there is to say in place of a digest."""
    due: Line = () if is_test else (", due ", Moment(slot))
    kept = "" if is_test else " The next digest counts these days too."
    return Reply(
        (f"{'The test of digest' if is_test else 'Digest'} {id} could not be sent.",),
        (Text((f"“{title}”", *due, f": {why}{kept}")),),
        buttons=(Button("Send it now", action="digest.send", value=str(id)),),
    )


def can_not_come(id: int, title: str, schedule: Schedule, channel: str, why: str) -> Reply:
    """Tell the owner that a channel takes nothing more."""
    return Reply(
        (f"Digest {id} can't come any more.",),
        (
            Text((f"“{title}”, {schedule.label}, to ", Channel(channel), ".")),
            Text((f"Slack did not take it: {GONE.get(why, why)}.",)),
            Text(("I keep it: when that is mended, resume it.",)),
        ),
        buttons=(Button("Resume", action="digest.resume", value=str(id), style="primary"),),
    )


def resting(it: Subscription) -> str:
    """Say why nothing comes."""
    return "paused" if it.state == "paused" else f"stopped, since {GONE.get(it.why or '', it.why)}"


def local(moment: float, zone: str) -> str:
    """Write a moment in the time zone of a digest: `Mon 30 Nov 2026, 09:00`."""
    at = datetime.fromtimestamp(moment, ZoneInfo(zone))
    return f"{_WEEKDAYS[at.weekday()]} {day(at)}, {at:%H:%M}"


# What Slack's words for a channel that takes nothing more mean.
GONE = {
    "channel_not_found": "I am not in the channel any more, or it is gone",
    "not_in_channel": "I am not in the channel any more",
    "is_archived": "the channel is archived",
    "is_inactive": "the channel is archived",
    "user_not_found": "the person has left",
    "user_disabled": "the person has left",
    "cannot_dm_bot": "that is a bot's direct message",
    "messages_tab_disabled": "my direct messages are switched off",
    "restricted_action": "an admin lets me post there no more",
    "restricted_action_read_only_channel": "only some people may post there",
    "restricted_action_thread_only_channel": "only answers in threads are allowed there",
    "restricted_action_non_threadable_channel": "no threads are allowed there",
    "no_such_zone": "its time zone is not known where I run",
}


def with_doubt(reply: Reply, named: resolver.ResolvedTopic) -> Reply:
    if not named.unchecked:
        return reply
    return reply.with_footnotes(("Figshare did not answer just now, so I took the numbers at their word.",))
