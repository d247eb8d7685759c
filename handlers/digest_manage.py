"""What is done with one digest: paused, resumed, sent now, adopted, deleted."""

from bot.bot import Bot
from bot.commands import Interaction, Question, action, command, number
from bot.digests.confirmation import confirmed
from bot.digests.ownership import gone, has_left, is_open, kept, owned, pressed, subscriber
from bot.language import topics
from bot.language.tokens import LARGEST_ROW, InvalidArgument
from bot.permissions import Directory, PermissionDenied, Person
from bot.reply import Button, DoesNotExist, Reply, Text
from bot.storage.rows import Subscription


@command("unsubscribe <N>", task="Digests", examples=("subscriptions", "unsubscribe 3"))
async def unsubscribe(bot: Bot, question: Question, number: int) -> Reply:
    """End a digest of this channel; its owner and workspace admins can."""
    return await _stop(
        bot, *await owned(bot, question.people, question.user, number, question.channel), question.channel
    )


@command("pause <N>", task="Digests", examples=("subscriptions", "pause 4"))
async def pause(bot: Bot, question: Question, number: int) -> Reply:
    """Let a digest rest until it is resumed."""
    return await _pause(
        bot, *await owned(bot, question.people, question.user, number, question.channel), question.channel
    )


@command("resume <N>", task="Digests", examples=("subscriptions", "resume 4"))
async def resume(bot: Bot, question: Question, number: int) -> Reply:
    """Let a digest come again, from its next date on."""
    it, _ = await owned(bot, question.people, question.user, number, question.channel)
    return await _resume(bot, it, question.people, question.channel)


@command("send <N>", task="Digests", examples=("subscriptions", "send 5"))
async def send(bot: Bot, question: Question, number: int) -> Reply:
    """Send a digest now, marked as a test; its schedule stays as it is."""
    it, _ = await owned(bot, question.people, question.user, number, question.channel)
    return await _send(bot, it, question.people)


@action("digest.stop", role="")
async def press_stop(bot: Bot, interaction: Interaction) -> Reply:
    return await _stop(bot, *await pressed(bot, interaction), interaction.channel)


@action("digest.pause", role="")
async def press_pause(bot: Bot, interaction: Interaction) -> Reply:
    return await _pause(bot, *await pressed(bot, interaction), interaction.channel)


@action("digest.resume", role="")
async def press_resume(bot: Bot, interaction: Interaction) -> Reply:
    it, _ = await pressed(bot, interaction)
    return await _resume(bot, it, interaction.people, interaction.channel)


@action("digest.send", role="")
async def press_send(bot: Bot, interaction: Interaction) -> Reply:
    it, _ = await pressed(bot, interaction)
    return await _send(bot, it, interaction.people)


@action("digest.adopt", role="")
async def press_adopt(bot: Bot, interaction: Interaction) -> Reply:
    people, person = await subscriber(interaction.people, interaction.user)
    it = await kept(bot).one(number(interaction.value, LARGEST_ROW))
    if it is None or it.channel != interaction.channel:
        raise DoesNotExist("There is no such digest here any more.", "`subscriptions` lists those there are.")
    owner = it.owner_name
    if await has_left(people, it):
        adopted = await kept(bot).adopt(it, interaction.user, person.name)
        if adopted is not None:
            return Reply((f"{person.name} looks after digest {it.id} now: ", it.title), public_in=it.channel)
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
        public_in=it.channel if where == it.channel else "",
        keeps_original=where != it.channel,
    )


def _means(words: str, it: Subscription) -> bool:
    """Tell whether these words bring the same digest: an open quote in a search swallows the schedule."""
    try:
        wanted, said = topics.parse_subscription(words.removeprefix("subscribe "))
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
        buttons=(Button("Resume", action="digest.resume", value=str(it.id)),),
        public_in=it.channel if where == it.channel else "",
        keeps_original=where != it.channel,
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
        return Reply((f"A test of digest {it.id} is on its way already.",), keeps_original=True)
    return Reply(
        (f"A test of digest {it.id} is on its way.",),
        (Text(("It comes as soon as Figshare has answered; the schedule stays as it is.",)),),
        keeps_original=True,
    )


async def _reachable(it: Subscription, people: Directory | None) -> None:
    if people is not None and not await is_open(people, it.channel):
        raise DoesNotExist(
            f"Digest {it.id} can't come: I am not in its channel.",
            "Type /invite @figshare there first. It is kept.",
        )
