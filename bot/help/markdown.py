"""The page about asking, `docs/asking.md`, from the same texts as `help`."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from bot.commands import CommandRegistry
from bot.help.arguments import argument_rows
from bot.help.roles import ROLES
from bot.help.topic import Topic
from bot.help.topics import TOPICS

_INTRO = """\
# Asking

<!-- Made by `python -m bot.cli.asking_page` from what `help` says: change the texts there, not here. -->

The same words work everywhere. `/figshare views 5616445` shows the answer to you alone, with a button that
shares it. `@figshare views 5616445` in a channel is answered in a thread. In a direct message with the bot,
and in the terminal (`figshare-bot ask "views 5616445"`), the words alone are enough. In Slack, `help` says
what this page says.
"""


def asking_page(commands: CommandRegistry) -> str:
    """Return the page in Markdown."""
    return "\n".join((_INTRO, *_contents(), *_roles(), *_commands(commands), *_topics()))


def _contents() -> Iterator[str]:
    yield "- [To begin with](#to-begin-with)"
    yield "- [Commands, by task](#commands-by-task)"
    for topic in TOPICS:
        yield f"- [{topic.title}](#{topic.title.lower().replace(' ', '-')})"
    yield ""


def _roles() -> Iterator[str]:
    yield "## To begin with\n"
    for role in ROLES:
        yield f"**{role.title}**\n"
        yield from _table("Type", "and get", ((row.question, row.meaning) for row, *_ in role.choices))
    yield (
        "`ours` is your own repository, once it is set up. Without it, name items, authors or groups "
        "instead.\n"
    )


def _commands(commands: CommandRegistry) -> Iterator[str]:
    yield "## Commands, by task\n"
    yield (
        "`<…>` is required, `[…]` is optional, and `…` after either means that you can give several, "
        "in any order.\n"
    )
    arguments: dict[str, str] = {}
    for task, group in groupby(sorted(commands.all, key=commands.order), key=lambda each: each.task):
        yield f"### {task}\n"
        yield "| Type | and get | for example |"
        yield "|---|---|---|"
        for command in group:
            examples = "<br>".join(f"`{example}`" for example in command.examples)
            yield f"| `{command.usage}` | {' '.join((command.summary, *command.details))} | {examples} |"
            for name, meaning in argument_rows(command):
                # What one command adds to a meaning comes behind it, so the shortest is that of all.
                known = arguments.get(name.rstrip("…"), meaning)
                arguments[name.rstrip("…")] = min(known, meaning, key=len)
        yield ""
    yield "### What goes in the brackets\n"
    yield from _table("Part", "What it is", arguments.items())


def _topics() -> Iterator[str]:
    for topic in TOPICS:
        yield from _topic(topic)


def _topic(topic: Topic) -> Iterator[str]:
    yield f"## {topic.title}\n"
    yield f"{topic.intro}\n"
    for section in topic.sections:
        yield from _table(section.heading, "", ((row.question, row.meaning) for row in section.rows))
    yield from (f"- {note}" for note in topic.notes)
    yield ""


def _table(heading: str, second_heading: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"| {heading} | {second_heading} |"
    yield "|---|---|"
    yield from (f"| `{question}` | {meaning} |" for question, meaning in rows)
    yield ""
