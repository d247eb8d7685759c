"""The digests of a channel: the list, and what can be done with each."""

import asyncio
from contextlib import suppress

from bot.bot import Bot
from bot.commands import Act, Ask, command, deed, number
from bot.digests.confirmation import adopt, confirmed, local, resting
from bot.digests.ownership import gone, has_left, is_open, kept, needs_slack, owned, pressed, subscriber
from bot.items.lookup import NoSuch
from bot.language import topics
from bot.language.tokens import LARGEST_ROW, WrongWord
from bot.permissions import Directory, MayNot, Person
from bot.reply import Button, Code, Line, Reply, Rows, Strong, Text
from bot.storage.rows import Listed, Subscription
from bot.text import cut

PAGE = 5
# So long after its slot a digest may still be on its way.
_PUNCTUAL = 120.0


@command("subscriptions", task="Digests", examples=("subscriptions", "help subscriptions"))
async def subscriptions(bot: Bot, ask: Ask) -> Reply:
    """The digests of this channel, with their next date, last outcome and owner."""
    if ask.people is None:
        raise needs_slack()
    found = await kept(bot).of_channel(ask.channel)
    if not found:
        return Reply(
            ("No digests come here.",),
            (Text(("This brings one every Monday: ", Code("subscribe 5616445"))),),
            buttons=(Button("Set one up", "subscribe"),),
        )
    first = (ask.page - 1) * PAGE
    shown = found[first : first + PAGE]
    left = await asyncio.gather(*(_has_left(ask.people, each.subscription) for each in shown))
    steps = (_next_step(each.subscription, gone) for each, gone in zip(shown, left, strict=True))
    one = shown[0].subscription.id if shown else found[0].subscription.id
    return Reply(
        (f"Digests of this {'conversation' if ask.channel.startswith('D') else 'channel'}: {len(found)}",),
        (Rows(tuple(_row(each, bot.clock()) for each in shown)),),
        notes=(
            (
                *("By number: ", Code(f"send {one}"), ", ", Code(f"pause {one}"), ", "),
                *(Code(f"resume {one}"), ", ", Code(f"unsubscribe {one}")),
                ". The owner of a digest and workspace admins can.",
            ),
        ),
        buttons=tuple(steps),
        page=ask.page,
        more=len(found) > first + PAGE,
        shareable=False,
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
    with suppress(MayNot):
        return await has_left(people, it)
    return False


def _next_step(it: Subscription, has_left: bool) -> Button:
    if has_left:
        return adopt(it.id, f"Adopt {it.id}")
    if it.state == "active":
        return Button(f"Change {it.id}", deed="digest.change", value=str(it.id))
    return Button(f"Resume {it.id}", deed="digest.resume", value=str(it.id))


@command("unsubscribe <N>", task="Digests", examples=("subscriptions", "unsubscribe 3"))
async def unsubscribe(bot: Bot, ask: Ask, number: int) -> Reply:
    """End a digest of this channel; its owner and workspace admins can."""
    return await _stop(bot, *await owned(bot, ask.people, ask.user, number, ask.channel), ask.channel)


@command("pause <N>", task="Digests", examples=("subscriptions", "pause 4"))
async def pause(bot: Bot, ask: Ask, number: int) -> Reply:
    """Let a digest rest until it is resumed."""
    return await _pause(bot, *await owned(bot, ask.people, ask.user, number, ask.channel), ask.channel)


@command("resume <N>", task="Digests", examples=("subscriptions", "resume 4"))
async def resume(bot: Bot, ask: Ask, number: int) -> Reply:
    """Let a digest come again, from its next date on."""
    it, _ = await owned(bot, ask.people, ask.user, number, ask.channel)
    return await _resume(bot, it, ask.people, ask.channel)


@command("send <N>", task="Digests", examples=("subscriptions", "send 5"))
async def send(bot: Bot, ask: Ask, number: int) -> Reply:
    """Send a digest now, marked as a test; its schedule stays as it is."""
    it, _ = await owned(bot, ask.people, ask.user, number, ask.channel)
    return await _send(bot, it, ask.people)


@deed("digest.stop", role="")
async def press_stop(bot: Bot, act: Act) -> Reply:
    return await _stop(bot, *await pressed(bot, act), act.channel)


@deed("digest.pause", role="")
async def press_pause(bot: Bot, act: Act) -> Reply:
    return await _pause(bot, *await pressed(bot, act), act.channel)


@deed("digest.resume", role="")
async def press_resume(bot: Bot, act: Act) -> Reply:
    it, _ = await pressed(bot, act)
    return await _resume(bot, it, act.people, act.channel)


@deed("digest.send", role="")
async def press_send(bot: Bot, act: Act) -> Reply:
    it, _ = await pressed(bot, act)
    return await _send(bot, it, act.people)


@deed("digest.adopt", role="")
async def press_adopt(bot: Bot, act: Act) -> Reply:
    people, person = await subscriber(act.people, act.user)
    it = await kept(bot).one(number(act.value, LARGEST_ROW))
    if it is None or it.channel != act.channel:
        raise NoSuch("There is no such digest here any more.", "`subscriptions` lists those there are.")
    owner = it.owner_name
    if await has_left(people, it):
        adopted = await kept(bot).adopt(it, act.user, person.name)
        if adopted is not None:
            return Reply((f"{person.name} looks after digest {it.id} now: ", it.title), public=it.channel)
        owner = (await kept(bot).one(it.id) or it).owner_name
    raise MayNot(f"Digest {it.id} has an owner.", f"{owner} looks after it.")


async def _stop(bot: Bot, it: Subscription, person: Person, where: str) -> Reply:
    if not await kept(bot).remove(it.id):
        raise gone(it)
    again = f"subscribe {it.what} {it.schedule.words}"
    return Reply(
        (f"Digest {it.id} is ended: ", it.title),
        (Text((f"By {person.name}. It came {it.schedule.label}.",)),),
        buttons=(Button("Subscribe again", again),) if _means(again, it) else (),
        public=it.channel if where == it.channel else "",
        aside=where != it.channel,
    )


def _means(words: str, it: Subscription) -> bool:
    """Tell whether these words bring the same digest: an open quote in a search swallows the schedule."""
    try:
        wanted, said = topics.split(words.removeprefix("subscribe "))
        return (wanted.words, said.schedule("UTC")) == (it.what, it.schedule)
    except WrongWord:
        return False


async def _pause(bot: Bot, it: Subscription, person: Person, where: str) -> Reply:
    if it.state == "paused":
        return confirmed(it, bot.clock(), "It is paused already: ")
    if await kept(bot).pause(it.id) is None:
        raise gone(it)
    return Reply(
        (f"Digest {it.id} rests: ", it.title),
        (Text((f"Paused by {person.name}; nothing comes until it is resumed.",)),),
        buttons=(Button("Resume", deed="digest.resume", value=str(it.id)),),
        public=it.channel if where == it.channel else "",
        aside=where != it.channel,
    )


async def _resume(bot: Bot, it: Subscription, people: Directory | None, where: str) -> Reply:
    await _reachable(it, people)
    if it.state == "active":
        return confirmed(it, bot.clock(), "It comes already: ")
    resumed = await kept(bot).resume(it)
    if resumed is None:
        raise gone(it)
    return confirmed(resumed, bot.clock(), "It comes again: ", where)


async def _send(bot: Bot, it: Subscription, people: Directory | None) -> Reply:
    await _reachable(it, people)
    if not await kept(bot).send_now(it):
        return Reply((f"A test of digest {it.id} is on its way already.",), aside=True)
    return Reply(
        (f"A test of digest {it.id} is on its way.",),
        (Text(("It comes as soon as Figshare has answered; the schedule stays as it is.",)),),
        aside=True,
    )


async def _reachable(it: Subscription, people: Directory | None) -> None:
    if people is not None and not await is_open(people, it.channel):
        raise NoSuch(
            f"Digest {it.id} can't come: I am not in its channel.",
            "Type /invite @figshare there first. It is kept.",
        )
