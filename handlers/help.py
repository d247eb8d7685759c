"""What the bot can do."""

from itertools import groupby

from bot.bot import Bot
from bot.commands import Command, Question, command
from bot.language.tokens import InvalidArgument
from bot.reply import Button, Code, Reply, Span, Text, coded

FIRST = ("views 5616445", "search title:frog", "top downloads last month")


@command("help [command]", task="Check", examples=("help", "help search"))
async def help(bot: Bot, question: Question, text: str) -> Reply:
    """What I can do; with a command, its usage and two examples."""
    name = text.lower().strip("`/ ")
    if not name:
        return _everything(bot)
    found = [each for each in bot.commands.all if each.name == name or each.name.startswith(name + " ")]
    if not found:
        near = bot.commands.closest(name)
        raise InvalidArgument(text, "I have no such command", f"help {near.name}" if near else "help")
    return _usage(found)


def _everything(bot: Bot) -> Reply:
    rows: list[Text] = []
    for task, commands in groupby(
        sorted(bot.commands.all, key=bot.commands.order), key=lambda each: each.task
    ):
        spans: list[Span] = []
        for each in commands:
            spans += [Code(each.name), " "]
        rows.append(Text(tuple(spans), task))
    return Reply(
        ("Ask me about anything on Figshare",),
        (
            *rows,
            Text(
                (
                    "A thing is named by its number, DOI, handle or address: just paste it. ",
                    Code("help views"),
                    " shows how a command is used.",
                )
            ),
        ),
        buttons=tuple(Button(words, words) for words in FIRST),
    )


def _changes(found: list[Command], example: str) -> bool:
    return any("<N>" in each.usage and example.startswith(each.name) for each in found)


def _usage(found: list[Command]) -> Reply:
    parts: list[Text] = []
    for each in found:
        parts.append(Text((Code(each.usage),)))
        parts.append(Text(coded(each.summary)))
    examples = tuple(dict.fromkeys(example for each in found for example in each.examples))
    spans: list[Span] = []
    for example in examples:
        spans += [Code(example), "  "]
    return Reply(
        (f"How to use {found[0].name.split(' ')[0] if len(found) > 1 else found[0].name}",),
        (*parts, Text(tuple(spans), "Examples")),
        # A press must change nothing.
        buttons=tuple(Button(example, example) for example in examples[:5] if not _changes(found, example)),
    )
