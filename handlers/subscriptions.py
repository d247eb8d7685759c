"""The digests of a channel: the list, and what can be done with each."""

from datetime import UTC, datetime

from bot.bot import Bot
from bot.commands import Ask, command
from bot.deeds import Act, deed
from bot.digests.card import confirmed, local
from bot.digests.rights import has_left, is_open, kept, needs_slack, owned, subscriber
from bot.digests.subscription import GONE, Listed, Subscription
from bot.lookup import NoSuch
from bot.reply import Button, Code, Line, Reply, Rows, Strong, Text
from bot.roles import Directory, MayNot, Person
from bot.text import day

PAGE = 5


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
    return Reply(
        (f"Digests of this channel: {len(found)}",),
        (Rows(tuple(_row(each) for each in shown)),),
        notes=(
            (
                *("By number: ", Code("send 3"), ", ", Code("pause 3"), ", ", Code("resume 3"), ", "),
                *(Code("unsubscribe 3"), ". The owner of a digest and workspace admins can."),
            ),
        ),
        buttons=tuple(_next_step(each.subscription) for each in shown),
        page=ask.page,
        more=len(found) > first + PAGE,
        private=True,
    )


def _row(listed: Listed) -> tuple[Line, ...]:
    it = listed.subscription
    state = {
        "paused": "paused",
        "stopped": f"stopped: {GONE.get(it.why or '', it.why)}",
        "active": f"next {local(it.next_at, it.schedule.zone)}" if it.next_at is not None else "",
    }[it.state]
    last = ""
    if listed.slot is not None:
        last = f"last: {listed.outcome}, {day(datetime.fromtimestamp(listed.slot, UTC))}"
    facts = [it.schedule.label, state, last, f"set up by {it.owner_name}"]
    return ((Strong(f"{it.id}  "), it.title), (" · ".join(filter(None, facts)),))


def _next_step(it: Subscription) -> Button:
    if it.state == "active":
        return Button(f"Change {it.id}", deed="digest.change", value=str(it.id))
    return Button(f"Resume {it.id}", deed="digest.resume", value=str(it.id))


@command("unsubscribe <N>", task="Digests", examples=("unsubscribe 3", "help unsubscribe"))
async def unsubscribe(bot: Bot, ask: Ask, number: int) -> Reply:
    """End a digest of this channel; its owner and workspace admins can."""
    return await _stop(bot, *await owned(bot, ask.people, ask.user, number, ask.channel))


@command("pause <N>", task="Digests", examples=("pause 4", "help pause"))
async def pause(bot: Bot, ask: Ask, number: int) -> Reply:
    """Let a digest rest until it is resumed."""
    return await _pause(bot, *await owned(bot, ask.people, ask.user, number, ask.channel))


@command("resume <N>", task="Digests", examples=("resume 4", "help resume"))
async def resume(bot: Bot, ask: Ask, number: int) -> Reply:
    """Let a digest come again, from its next date on."""
    it, _ = await owned(bot, ask.people, ask.user, number, ask.channel)
    return await _resume(bot, it, ask.people)


@command("send <N>", task="Digests", examples=("send 5", "help send"))
async def send(bot: Bot, ask: Ask, number: int) -> Reply:
    """Send a digest now, marked as a test; its schedule stays as it is."""
    it, _ = await owned(bot, ask.people, ask.user, number, ask.channel)
    return await _send(bot, it)


@deed("digest.stop", role="")
async def press_stop(bot: Bot, act: Act) -> Reply:
    return await _stop(bot, *await owned(bot, act.people, act.user, _number(act)))


@deed("digest.pause", role="")
async def press_pause(bot: Bot, act: Act) -> Reply:
    return await _pause(bot, *await owned(bot, act.people, act.user, _number(act)))


@deed("digest.resume", role="")
async def press_resume(bot: Bot, act: Act) -> Reply:
    it, _ = await owned(bot, act.people, act.user, _number(act))
    return await _resume(bot, it, act.people)


@deed("digest.send", role="")
async def press_send(bot: Bot, act: Act) -> Reply:
    it, _ = await owned(bot, act.people, act.user, _number(act))
    return await _send(bot, it)


@deed("digest.adopt", role="")
async def adopt(bot: Bot, act: Act) -> Reply:
    people, person = await subscriber(act.people, act.user)
    it = await kept(bot).one(_number(act))
    if it is None or it.channel != act.channel:
        raise NoSuch("There is no such digest here any more.", "`subscriptions` lists those there are.")
    if not await has_left(people, it):
        raise MayNot(f"Digest {it.id} has an owner.", f"{it.owner_name} looks after it.")
    await kept(bot).adopt(it.id, act.user, person.name)
    return Reply((f"{person.name} looks after digest {it.id} now: ", it.title), public=True)


async def _stop(bot: Bot, it: Subscription, person: Person) -> Reply:
    if not await kept(bot).remove(it.id):
        raise NoSuch(f"There is no digest {it.id} any more.", "Somebody stopped it meanwhile.")
    again = f"subscribe {it.what} {it.schedule.words}"
    return Reply(
        (f"Digest {it.id} is ended: ", it.title),
        (Text((f"By {person.name}. It came {it.schedule.label}.",)),),
        buttons=(Button("Subscribe again", again),),
        public=True,
    )


async def _pause(bot: Bot, it: Subscription, person: Person) -> Reply:
    if await kept(bot).pause(it.id) is None:
        raise NoSuch(f"There is no digest {it.id} any more.", "Somebody stopped it meanwhile.")
    return Reply(
        (f"Digest {it.id} rests: ", it.title),
        (Text((f"Paused by {person.name}; nothing comes until it is resumed.",)),),
        buttons=(Button("Resume", deed="digest.resume", value=str(it.id)),),
        public=True,
    )


async def _resume(bot: Bot, it: Subscription, people: Directory | None) -> Reply:
    if people is not None and not await is_open(people, it.channel):
        raise NoSuch(
            f"Digest {it.id} can't come: I am not in its channel.",
            "Type /invite @figshare there first. It is kept.",
        )
    if it.state == "active":
        return confirmed(it, bot.clock(), "It comes already: ")
    resumed = await kept(bot).resume(it)
    if resumed is None:
        raise NoSuch(f"There is no digest {it.id} any more.", "Somebody stopped it meanwhile.")
    return confirmed(resumed, bot.clock(), "It comes again: ", public=True)


async def _send(bot: Bot, it: Subscription) -> Reply:
    if not await kept(bot).send_now(it):
        return Reply((f"A test of digest {it.id} is on its way already.",), aside=True)
    return Reply(
        (f"A test of digest {it.id} is on its way.",),
        (Text(("It comes as soon as Figshare has answered; the schedule stays as it is.",)),),
        aside=True,
    )


def _number(act: Act) -> int:
    return int(act.value) if act.value.isdigit() else 0
