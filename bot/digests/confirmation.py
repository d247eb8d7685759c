"""A subscription as people see it, with its next dates; the notices of a digest that can't be delivered."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bot.digests.buttons import change_and_stop_buttons
from bot.digests.resolver import ResolvedTopic
from bot.error_messages import error_message
from bot.figshare.errors import CredentialsMissing
from bot.language.schedule_words import BY_DAY_OF_MONTH
from bot.language.schedules import Schedule, digest_window
from bot.render.csv import CsvFile
from bot.reply import Button, Channel, Code, Copy, Line, Moment, Reply, Text
from bot.storage.rows import Subscription
from bot.text import capitalized, date_range, formatted_day

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# Slack's errors for a channel that takes no more messages, in words:
# https://docs.slack.dev/reference/methods/chat.postMessage
CHANNEL_ERRORS = {
    "channel_not_found": "I'm no longer in the channel, or it no longer exists",
    "not_in_channel": "I'm no longer in the channel",
    "is_archived": "the channel is archived",
    "is_inactive": "the channel is archived",
    "user_not_found": "the person has left",
    "user_disabled": "the person has left",
    "cannot_dm_bot": "that is a bot's direct message",
    "messages_tab_disabled": "my direct messages are turned off",
    "restricted_action": "an admin no longer allows me to post there",
    "restricted_action_read_only_channel": "only some people may post there",
    "restricted_action_thread_only_channel": "only replies in threads are allowed there",
    "restricted_action_non_threadable_channel": "no threads are allowed there",
    # our own, for a zone that is not in this machine's time zone database
    "no_such_zone": "this server doesn't know its time zone",
}

# Slack's errors for files, in words: https://docs.slack.dev/reference/methods/files.completeUploadExternal
FILE_ERRORS = {
    "file_type_not_allowed": "this workspace allows no CSV files",
    "file_uploads_disabled": "this workspace allows no files",
    "file_uploads_except_images_disabled": "this workspace allows no files but images",
    "slack_connect_file_upload_sharing_blocked": "no files may be shared with the other workspace here",
    "missing_scope": "the app lacks the permission to upload files, which its newest manifest has",
}
_MAX_COPIED_CSV = 2_500


def confirmation(
    subscription: Subscription, now: float, opening: str, channel: str = "", *, is_new: bool = False
) -> Reply:
    """Return a whole subscription as it was understood, with its next three dates.

    `now` is in seconds since 1970. `channel` is where the reply goes: see `public_in_its_channel`.
    """
    schedule, is_active = subscription.schedule, subscription.state == "active"
    facts = [Text((schedule.label,), "Schedule"), Text((Code(subscription.topic),), "About")]
    if is_active:
        first_occurrence = schedule.next_after_day(subscription.since, now)
        occurrences = [first_occurrence, *schedule.upcoming(first_occurrence, 2)]
        facts.append(
            Text((" · ".join(local_time(occurrence, schedule.zone) for occurrence in occurrences),), "Next")
        )
        facts.append(_coverage(subscription, first_occurrence, is_new))
    else:
        reason = inactive_reason(subscription)
        facts.append(Text((f"It's {reason}. No digests until it's resumed.",)))
    facts.append(Text((f"Digest {subscription.id}, set up by {subscription.owner_name}.",)))
    value = str(subscription.id)
    first_button = (
        Button("Send a test now", action="digest.send", value=value)
        if is_active
        else Button("Resume", action="digest.resume", value=value, style="primary")
    )
    reply = Reply(
        (opening, subscription.title),
        tuple(facts),
        footnotes=((Code("subscriptions"), " lists the digests of a channel."),),
        buttons=(first_button, *change_and_stop_buttons(subscription.id)),
    )
    return public_in_its_channel(reply, subscription, channel)


def public_in_its_channel(reply: Reply, subscription: Subscription, channel: str) -> Reply:
    """Return a reply for everybody in the channel of the subscription, or for one person elsewhere."""
    is_own = channel == subscription.channel
    return replace(reply, public_in=channel if is_own else "", keeps_original=not is_own)


def _coverage(subscription: Subscription, occurrence: float, is_new: bool) -> Text:
    """Return which days the next digest counts; of a new search, what its first digest lists instead."""
    if is_new and subscription.topic.startswith("search "):
        return Text(("the five newest so far. After that, only what's new.",), "First digest lists")
    covered_days = date_range(*digest_window(subscription.since, occurrence))
    text = f"{covered_days}: whole days, counted by Figshare in UTC"
    note = _unfinished_month_note(subscription.schedule, occurrence)
    return Text((text, note), f"{'First' if is_new else 'Next'} digest covers")


def _unfinished_month_note(schedule: Schedule, occurrence: float) -> str:
    """Return from when on a digest on the first covers the whole month, where it comes before that."""
    local = datetime.fromtimestamp(occurrence, ZoneInfo(schedule.zone))
    month_ends_at = datetime(local.year, local.month, 1, tzinfo=UTC).astimezone(local.tzinfo)
    if schedule.frequency not in BY_DAY_OF_MONTH or schedule.days != "1" or local >= month_ends_at:
        return ""
    return (
        f". At {schedule.time} the last day of the month isn't over at Figshare; "
        f"from {month_ends_at:%H:%M} on it is."
    )


def failure_notice(id: int, title: str, occurrence: float, reason: str, is_test: bool) -> Reply:
    """Return the message that stands in place of a digest that could not be sent."""
    due: Line = () if is_test else (", due ", Moment(occurrence))
    outlook = "" if is_test else " The next digest will cover these days too."
    return Reply(
        (f"{'The test of digest' if is_test else 'Digest'} {id} couldn't be sent.",),
        (Text((f"“{title}”", *due, f": {reason}{outlook}")),),
        buttons=(Button("Send it now", action="digest.send", value=str(id)),),
    )


def stopped_notice(id: int, title: str, schedule: Schedule, channel: str, error: str) -> Reply:
    """Return what the owner of a digest reads when its channel takes no more messages.

    `error` is Slack's error code, such as `is_archived`.
    """
    return Reply(
        (f"I can't deliver digest {id} any more.",),
        (
            Text((f"“{title}”, {schedule.label}, to ", Channel(channel), ".")),
            Text((f"Slack rejected it: {CHANNEL_ERRORS.get(error, error)}.",)),
            Text(("I've kept it; resume it once that's fixed.",)),
        ),
        buttons=(Button("Resume", action="digest.resume", value=str(id), style="primary"),),
    )


def missing_file_notice(files: Sequence[CsvFile], error: str) -> Reply:
    """Return what stands in the thread of a digest whose CSV Slack didn't take, with its rows where they fit.

    `error` is Slack's error code, such as `file_type_not_allowed`.
    """
    reason = FILE_ERRORS.get(error, f"Slack said {error}")
    texts = [file.content.decode("utf-8-sig") for file in files]
    fits = sum(map(len, texts)) <= _MAX_COPIED_CSV
    return Reply(
        ("The CSV couldn't be uploaded.",),
        (
            Text((f"{capitalized(reason)}.{' Here are its rows to copy:' if fits else ''}",)),
            *(Copy(text.rstrip()) for text in texts if fits),
        ),
    )


def inactive_reason(subscription: Subscription) -> str:
    """Return why a subscription that is not active sends nothing: `paused`, or the error that stopped it."""
    if subscription.state == "paused":
        return "paused"
    return f"stopped because {CHANNEL_ERRORS.get(subscription.stop_reason or '', subscription.stop_reason)}"


def local_time(moment: float, zone: str) -> str:
    """Return a moment (seconds since 1970) in a time zone: `Mon 30 Nov 2026, 09:00`."""
    local = datetime.fromtimestamp(moment, ZoneInfo(zone))
    return f"{_WEEKDAYS[local.weekday()]} {formatted_day(local)}, {local:%H:%M}"


def with_unverified_note(reply: Reply, topic: ResolvedTopic) -> Reply:
    """Return a reply that says what of a topic could not be checked with Figshare, or can't be counted."""
    if topic.lacks_credentials:
        sentence, _ = error_message(CredentialsMissing())
        return reply.with_footnotes((f"Views and downloads will be unknown, but for the totals. {sentence}",))
    if not topic.is_unverified:
        return reply
    return reply.with_footnotes(("Figshare isn't responding right now, so I haven't checked these numbers.",))
