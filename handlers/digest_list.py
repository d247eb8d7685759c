"""The digests of a channel: the list, and what can be done with each."""

import asyncio
from contextlib import suppress

from bot.bot import Bot
from bot.commands import Question, command
from bot.digests.buttons import adopt
from bot.digests.confirmation import local, resting
from bot.digests.ownership import has_left, kept, needs_slack
from bot.permissions import Directory, PermissionDenied
from bot.reply import Button, Code, Line, Reply, Rows, Strong, Text
from bot.storage.rows import Listed, Subscription
from bot.text import cut

PAGE = 5
# So long after its slot a digest may still be on its way.
_PUNCTUAL = 120.0


@command("subscriptions", task="Digests", examples=("subscriptions", "help subscriptions"))
async def subscriptions(bot: Bot, question: Question) -> Reply:
    """The digests of this channel, with their next date, last outcome and owner."""
    if question.people is None:
        raise needs_slack()
    found = await kept(bot).of_channel(question.channel)
    if not found:
        return Reply(
            ("No digests come here.",),
            (Text(("This brings one every Monday: ", Code("subscribe 5616445"))),),
            buttons=(Button("Set one up", "subscribe"),),
        )
    first = (question.page - 1) * PAGE
    shown = found[first : first + PAGE]
    left = await asyncio.gather(*(_has_left(question.people, each.subscription) for each in shown))
    steps = (_next_step(each.subscription, gone) for each, gone in zip(shown, left, strict=True))
    place = "conversation" if question.channel.startswith("D") else "channel"
    one = shown[0].subscription.id if shown else found[0].subscription.id
    return Reply(
        (f"Digests of this {place}: {len(found)}",),
        (Rows(tuple(_row(each, bot.clock()) for each in shown)),),
        footnotes=(
            (
                *("By number: ", Code(f"send {one}"), ", ", Code(f"pause {one}"), ", "),
                *(Code(f"resume {one}"), ", ", Code(f"unsubscribe {one}")),
                ". The owner of a digest and workspace admins can.",
            ),
        ),
        buttons=tuple(steps),
        page=question.page,
        has_next_page=len(found) > first + PAGE,
        is_shareable=False,
    )


def _row(listed: Listed, now: float) -> tuple[Line, ...]:
    it, zone = listed.subscription, listed.subscription.schedule.zone
    state = resting(it)
    if it.state == "active" and listed.next_at is not None:
        at = local(listed.next_at, zone)
        state = f"next {at}" if listed.next_at > now - _PUNCTUAL else f"due {at}, not sent yet"
    last = f"last: {listed.outcome}, {local(listed.slot, zone)}" if listed.slot is not None else ""
    facts = [it.schedule.label, state, last, cut(it.what, 80), f"set up by {it.owner_name}"]
    return ((Strong(f"{it.id}  "), it.title), (" · ".join(filter(None, facts)),))


async def _has_left(people: Directory, it: Subscription) -> bool:
    # Where Slack does not say, nothing is offered.
    with suppress(PermissionDenied):
        return await has_left(people, it)
    return False


def _next_step(it: Subscription, has_left: bool) -> Button:
    if has_left:
        return adopt(it.id, f"Adopt {it.id}")
    if it.state == "active":
        return Button(f"Change {it.id}", action="digest.change", value=str(it.id))
    return Button(f"Resume {it.id}", action="digest.resume", value=str(it.id))
