"""What each parameter of a usage string takes, said from the usage string itself where it lists choices."""

from bot.commands import Command
from bot.figshare.item_types import ITEM_TYPES
from bot.language.parameters import Parameter

_MEANINGS = {
    "reference": "what you ask about: a number, DOI, handle or URL; see `help references`",
    "period": "when: `2025`, `last month`, `Q1 2025`, `2025-01..2025-06`; see `help periods`",
    "type": "one of " + ", ".join(f"`{name}`" for name in ITEM_TYPES.values()),
    "ours": "only from your own repository, where it is set up",
    "group N": "a group, by number: `group 20442`",
    "first versions": "leaves out new versions of older items",
    "portal N or NAME": "a portal, by number or name: `portal lboro`",
    "format": "one of those that `oai formats` lists",
    "portal address": "the host of a portal, where several are set up",
    "words and fields": "what to look for; `help search` has every field",
    "what": "references, `ours` or a search: `search title:frog`",
    "N": "the number of a digest, as `subscriptions` lists it",
    "N/all": "N, the number of a digest, as `subscriptions` lists it; or `all`",
    "id": "the number of a draft, as `drafts` lists it",
    "title": "the title, which you can still change in the form",
    "at 09:00": "the time: `at 9am`, `at 17:30`",
    "Europe/London": "whose clock: `Europe/London`, `London` or `UTC+1`",
    "skip empty": "sends nothing when nothing happened",
    "command or topic": "what you want to know more about",
}
# A mere year begins it, and doesn't end it.
_PERIOD_OF_NEW = (
    "when: `last month`, `since 2025`, `2025-01..2025-06`; see `help periods`; the last 30 days without it"
)
_REPEATED = "; several give one table"
# The commands that are of all time where no period is named.
_OF_ALL_TIME = ("views", "downloads", "shares", "stats", "top")


def argument_rows(command: Command) -> tuple[tuple[str, str], ...]:
    """Return each parameter of a command as its usage string writes it, and what it takes."""
    return tuple(
        (_shown(parameter), meaning)
        for parameter in command.parameters
        if (meaning := _meaning(command, parameter))
    )


def _shown(parameter: Parameter) -> str:
    opening, closing = "<>" if parameter.required else "[]"
    return f"{opening}{parameter.name}{closing}{'…' if parameter.repeated else ''}"


def _meaning(command: Command, parameter: Parameter) -> str:
    """Return what a parameter takes; empty for one that nothing is known of."""
    name = parameter.name
    if name.isdigit():
        return f"how many rows, 1 to 100; {name} without it"
    if name == "period" and command.name == "new":
        return _PERIOD_OF_NEW
    if name == "period" and command.name in _OF_ALL_TIME:
        return _MEANINGS[name] + "; all time without it"
    if name in _MEANINGS:
        return _MEANINGS[name] + (_REPEATED if parameter.repeated else "")
    if "/" not in name:
        return ""
    first, *others = name.split("/")
    # `by day/month/year` has a keyword before its choices.
    keyword, _, first = first.rpartition(" ")
    listed = [f"`{keyword} {choice}`".replace("` ", "`") for choice in (first, *others)]
    return f"{', '.join(listed[:-1])} or {listed[-1]}"
