"""The digests of a channel: the list, and what can be done with each."""

import asyncio
from contextlib import suppress

from bot.bot import Bot
from bot.commands import Question, command
from bot.digests.buttons import adopt_button
from bot.digests.confirmation import inactive_reason, local_time
from bot.digests.ownership import owner_has_left, slack_required, subscriptions_of
from bot.permissions import Directory, PermissionDenied
from bot.reply import Button, Code, Line, Reply, Rows, Strong, Text
from bot.storage.rows import Subscription, SubscriptionStatus
from bot.text import cut

_DIGESTS_PER_PAGE = 5
# How many seconds after its time a digest may still be on its way.
_USUAL_DELAY = 120.0


@command(
    "subscriptions", task="Digests", examples=("subscriptions", "help subscriptions"), words="digests, digest"
)
async def subscriptions(bot: Bot, question: Question) -> Reply:
    """The digests of this channel, with their next date, last outcome and owner."""
    if question.directory is None:
        raise slack_required()
    digests = await subscriptions_of(bot).of_channel(question.channel)
    if not digests:
        return Reply(
            ("No digests here yet.",),
            (Text(("Get one every Monday: ", Code("subscribe 5616445"))),),
            buttons=(Button("Set one up", "subscribe"),),
        )
    first = (question.page - 1) * _DIGESTS_PER_PAGE
    page = digests[first : first + _DIGESTS_PER_PAGE]
    have_left = await asyncio.gather(
        *(_owner_has_left(question.directory, status.subscription) for status in page)
    )
    buttons = (
        _button(status.subscription, has_left) for status, has_left in zip(page, have_left, strict=True)
    )
    place = "conversation" if question.channel.startswith("D") else "channel"
    example = (page or digests)[0].subscription.id
    return Reply(
        (f"Digests of this {place}: {len(digests)}",),
        (Rows(tuple(_row(status, bot.clock()) for status in page)),),
        footnotes=(
            (
                *(
                    "Use its number: ",
                    Code(f"change {example} at 10:00"),
                    ", ",
                    Code(f"send {example}"),
                    ", ",
                ),
                *(Code(f"pause {example}"), ", ", Code(f"resume {example}"), ", ", Code(f"stop {example}")),
                ". Only a digest's owner or a workspace admin can change it.",
            ),
        ),
        buttons=tuple(buttons),
        page=question.page,
        has_next_page=len(digests) > first + _DIGESTS_PER_PAGE,
        is_shareable=False,
    )


def _row(status: SubscriptionStatus, now: float) -> tuple[Line, ...]:
    subscription, zone = status.subscription, status.subscription.schedule.zone
    state = inactive_reason(subscription)
    if subscription.state == "active" and status.next_at is not None:
        due = local_time(status.next_at, zone)
        state = f"next {due}" if status.next_at > now - _USUAL_DELAY else f"due {due}, not sent yet"
    last = (
        f"last: {status.last_outcome}, {local_time(status.last_occurrence, zone)}"
        if status.last_occurrence is not None
        else ""
    )
    facts = [
        subscription.schedule.label,
        state,
        last,
        cut(subscription.topic, 80),
        f"set up by {subscription.owner_name}",
    ]
    return (
        (Strong(f"{subscription.id}  "), subscription.title),
        (" · ".join(filter(None, facts)),),
    )


async def _owner_has_left(people: Directory, subscription: Subscription) -> bool:
    # Where Slack doesn't say, nothing is offered for adoption.
    with suppress(PermissionDenied):
        return await owner_has_left(people, subscription)
    return False


def _button(subscription: Subscription, has_left: bool) -> Button:
    id = subscription.id
    if has_left:
        return adopt_button(id, f"Adopt {id}")
    if subscription.state == "active":
        return Button(f"Change {id}", action="digest.change", value=str(id))
    return Button(f"Resume {id}", action="digest.resume", value=str(id))
