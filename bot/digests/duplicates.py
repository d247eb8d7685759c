"""A digest that a channel has already, perhaps at another time."""

from collections.abc import Sequence
from contextlib import suppress

from msgspec.structs import replace

from bot.language import topics
from bot.language.schedules import Schedule
from bot.language.tokens import InvalidArgument
from bot.language.topics import Topic
from bot.reply import Button, Reply, Text
from bot.storage.rows import Subscription

_SHOWN = 3


def with_topic(subscriptions: Sequence[Subscription], topic: Topic) -> list[Subscription]:
    """Return the subscriptions to the same things, in any order."""
    same: list[Subscription] = []
    for subscription in subscriptions:
        # A stored topic that this version can't parse is not the same.
        with suppress(InvalidArgument):
            if topics.parse_topic(subscription.topic).identity == topic.identity:
                same.append(subscription)
    return same


def is_schedule_of(subscription: Subscription, schedule: Schedule, has_zone: bool) -> bool:
    """Return whether a subscription has this schedule; where no zone was typed, in any zone."""
    stored = subscription.schedule
    if not has_zone:
        stored = replace(stored, zone=schedule.zone)
    return stored == schedule.in_weeks_of(stored)


def schedule_choice(
    existing: Sequence[Subscription],
    changeable: Subscription | None,
    channel: str,
    topic: str,
    schedule: Schedule,
) -> Reply:
    """Return the question whether to change a digest that is there, or to have a second one of its topic.

    `changeable` is the one that the person may change. Nothing is kept before they press. After a form the
    question may stand in another conversation than `channel`, which the digests are for.
    """
    lines = [
        Text((f"{each.schedule.label}, set up by {each.owner_name}.",), f"Digest {each.id}")
        for each in existing[:_SHOWN]
    ]
    buttons: list[Button] = []
    if changeable is not None:
        id, words = changeable.id, schedule.command_words
        label = f"Change digest {id} to this"
        buttons.append(Button(label, action="digest.reschedule", value=f"{id} {words}", style="primary"))
    words = f"{topic} {schedule.command_words}"
    if means_subscription(words, topic, schedule):
        buttons.append(Button("Have both", action="digest.both", value=f"{channel} {words}"))
    return Reply(
        ("This channel already has a digest of this: ", existing[0].title),
        (*lines, Text((schedule.label,), "You asked for"), Text(("Nothing has been changed yet.",))),
        buttons=tuple(buttons),
        is_shareable=False,
        keeps_original=True,
    )


def means_subscription(words: str, topic: str, schedule: Schedule) -> bool:
    """Return whether the words after `subscribe` mean this digest; an open quote swallows the schedule."""
    try:
        parsed, schedule_words = topics.parse_subscription(words)
        parsed_schedule = schedule_words.schedule("UTC", 0.0)
    except InvalidArgument:
        return False
    return (parsed.command_words, parsed_schedule) == (topic, schedule)
