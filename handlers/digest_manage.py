"""What is done with one digest: paused, resumed, sent now, adopted, deleted."""

from bot.bot import Bot
from bot.commands import Act, Ask, command, deed, number
from bot.digests.confirmation import confirmed
from bot.digests.ownership import gone, has_left, is_open, kept, owned, pressed, subscriber
from bot.language import topics
from bot.language.tokens import LARGEST_ROW, InvalidArgument
from bot.permissions import Directory, PermissionDenied, Person
from bot.reply import Button, DoesNotExist, Reply, Text
from bot.storage.rows import Subscription


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
        raise DoesNotExist("There is no such digest here any more.", "`subscriptions` lists those there are.")
    owner = it.owner_name
    if await has_left(people, it):
        adopted = await kept(bot).adopt(it, act.user, person.name)
        if adopted is not None:
            return Reply((f"{person.name} looks after digest {it.id} now: ", it.title), public=it.channel)
        owner = (await kept(bot).one(it.id) or it).owner_name
    raise PermissionDenied(f"Digest {it.id} has an owner.", f"{owner} looks after it.")


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
    except InvalidArgument:
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
        raise DoesNotExist(
            f"Digest {it.id} can't come: I am not in its channel.",
            "Type /invite @figshare there first. It is kept.",
        )
