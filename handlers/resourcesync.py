"""What a portal offers by ResourceSync."""

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.errors import BadRequest
from bot.figshare.resourcesync_documents import Capability, Resource
from bot.language.tokens import InvalidArgument
from bot.reply import Line, Link, Part, Reply, Rows, Text
from bot.text import cut, formatted_day, plural, safe, safe_url

# https://www.openarchives.org/rs/1.1/resourcesync#DocumentFormats
_CAPABILITY_NAMES = {
    "description": "Source description",
    "capabilitylist": "Capability list",
    "resourcelist": "Resource list",
    "resourcedump": "Resource dump",
    "changelist": "Change list",
    "changedump": "Change dump",
}


@command(
    "resourcesync [portal address]",
    task="Harvest",
    examples=("resourcesync", "help resourcesync"),
    words="resource sync",
)
async def resourcesync(bot: Bot, question: Question, address: str | None) -> Reply:
    """What a portal's ResourceSync source offers, and its latest changes."""
    if not bot.resourcesync.hosts:
        raise InvalidArgument("", "no ResourceSync address is configured (FIGSHARE_RESOURCESYNC_URL)", "")
    try:
        source = await bot.resourcesync.source(address)
    except BadRequest as error:
        example = f"resourcesync {bot.resourcesync.hosts[0]}"
        raise InvalidArgument(address or "", cut(str(error), 300).rstrip("."), example) from error
    parts: list[Part] = [
        Text((Link(source.url, safe_url(source.url)),), "Source"),
        Rows(tuple(_capability_row(capability) for capability in source.capabilities)),
    ]
    if source.changes:
        parts += [Text(("newest first",), "Latest changes"), Rows(tuple(map(_change_row, source.changes)))]
    elif any(
        capability.capability == "changelist" and not capability.problem for capability in source.capabilities
    ):
        parts.append(Text(("none listed",), "Latest changes"))
    notes: tuple[Line, ...] = () if source.is_complete else (("I didn't read all the lists.",),)
    return Reply(("ResourceSync",), tuple(parts), footnotes=notes)


def _capability_row(capability: Capability) -> tuple[Line, ...]:
    kind = capability.capability
    name = _CAPABILITY_NAMES.get(kind, cut(safe(kind), 80) or "Unnamed capability")
    facts: list[str] = []
    if capability.problem:
        facts.append("not read" if capability.problem == "left out" else capability.problem)
    if capability.count is not None:
        noun = "change" if kind.startswith("change") else "resource"
        facts.append(("" if capability.is_complete else "at least ") + plural(capability.count, noun))
    dates = (("at", capability.snapshot_at), ("from", capability.from_), ("until", capability.until))
    facts += [f"{word} {formatted_day(moment.date())}" for word, moment in dates if moment is not None]
    link = Link(name, safe_url(capability.url), is_strong=True)
    return ((link,), (" · ".join(facts) or "nothing said about it",))


def _change_row(resource: Resource) -> tuple[Line, ...]:
    changed = resource.changed_at or resource.lastmod
    facts = [
        cut(safe(resource.change), 40) or "changed",
        formatted_day(changed.date()) if changed else "date unknown",
    ]
    return ((Link(cut(safe(resource.url), 200), safe_url(resource.url)),), (" · ".join(facts),))
