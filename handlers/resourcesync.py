"""What a portal offers by ResourceSync."""

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.errors import BadRequest
from bot.figshare.resourcesync_documents import Capability, Resource
from bot.language.tokens import InvalidArgument
from bot.reply import Line, Link, Part, Reply, Rows, Text
from bot.text import cut, day, plural, safe, web

NAMES = {
    "description": "Source description",
    "capabilitylist": "Capability list",
    "resourcelist": "Resource list",
    "resourcedump": "Resource dump",
    "changelist": "Change list",
    "changedump": "Change dump",
}


@command("resourcesync [portal address]", task="Harvest", examples=("resourcesync", "help resourcesync"))
async def resourcesync(bot: Bot, question: Question, address: str | None) -> Reply:
    """What a portal's ResourceSync source offers, and its latest changes."""
    if not bot.resourcesync.hosts:
        raise InvalidArgument("", "no ResourceSync address is configured (FIGSHARE_RESOURCESYNC_URL)", "")
    try:
        found = await bot.resourcesync.source(address)
    except BadRequest as error:
        example = f"resourcesync {bot.resourcesync.hosts[0]}"
        raise InvalidArgument(address or "", cut(str(error), 300).rstrip("."), example) from error
    parts: list[Part] = [Text((Link(found.url, web(found.url)),), "Source")]
    parts.append(Rows(tuple(_offered(each) for each in found.capabilities)))
    if found.changes:
        parts += [Text(("newest first",), "Latest changes"), Rows(tuple(map(_change, found.changes)))]
    elif any(each.capability == "changelist" and not each.trouble for each in found.capabilities):
        parts.append(Text(("none listed",), "Latest changes"))
    notes: tuple[Line, ...] = () if found.complete else (("Not everything it names was read.",),)
    return Reply(("ResourceSync",), tuple(parts), footnotes=notes)


def _offered(found: Capability) -> tuple[Line, ...]:
    name = NAMES.get(found.capability, cut(safe(found.capability), 80) or "Unnamed capability")
    facts: list[str] = []
    if found.trouble:
        facts.append("not asked" if found.trouble == "left out" else found.trouble)
    if found.count is not None:
        noun = "change" if found.capability.startswith("change") else "resource"
        facts.append(("" if found.complete else "at least ") + plural(found.count, noun))
    for moment, said in ((found.at, "at"), (found.from_, "from"), (found.until, "until")):
        if moment is not None:
            facts.append(f"{said} {day(moment.date())}")
    return ((Link(name, web(found.url), strong=True),), (" · ".join(facts) or "nothing said about it",))


def _change(found: Resource) -> tuple[Line, ...]:
    at = found.changed or found.lastmod
    facts = [cut(safe(found.change), 40) or "changed", day(at.date()) if at else "date unknown"]
    return ((Link(cut(safe(found.url), 200), web(found.url)),), (" · ".join(facts),))
