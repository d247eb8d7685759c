"""What the bot can do."""

from itertools import groupby

from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import Command, Question, command
from bot.reply import Button, Code, Reply, Span, Text, code_spans
from bot.text import cut

_FIRST_QUESTIONS = ("views 5616445", "search title:frog", "top downloads last month")
_MAX_BUTTONS = 5


@command("help [command]", task="Check", examples=("help", "help search"))
async def help(bot: Bot, question: Question, text: str) -> Reply:
    """What I can do; with a command, its usage and two examples."""
    name = text.lower().strip("`/ ")
    if not name:
        return _overview(bot)
    # The first word of several commands, such as `oai`, stands for all of them.
    commands = [each for each in bot.commands.all if each.name == name or each.name.startswith(name + " ")]
    if not commands:
        return _unknown(bot, text)
    return _usage(commands)


def _unknown(bot: Bot, text: str) -> Reply:
    title = f"There is no command “{cut(text, 80)}”."
    closest = bot.commands.closest(text)
    if closest is None:
        return replace(_overview(bot), title=(f"{title} Here is what I can do:",), outcome="wrong")
    words = f"help {closest.name}"
    return Reply(
        (title,),
        (Text(("Did you mean ", Code(words), "?")),),
        buttons=(Button(words, words),),
        outcome="wrong",
    )


def _overview(bot: Bot) -> Reply:
    """Return a line for each task, with the names of its commands."""
    lines: list[Text] = []
    ordered = sorted(bot.commands.all, key=bot.commands.order)
    for task, commands in groupby(ordered, key=lambda each: each.task):
        spans: list[Span] = []
        for listed in commands:
            spans += [Code(listed.name), " "]
        lines.append(Text(tuple(spans), task))
    hint = (
        "You can name anything by its number, DOI, handle or URL: just paste it. ",
        Code("help views"),
        " shows how a command is used.",
    )
    return Reply(
        ("Ask me about anything on Figshare",),
        (*lines, Text(hint)),
        buttons=tuple(Button(words, words) for words in _FIRST_QUESTIONS),
    )


def _usage(commands: list[Command]) -> Reply:
    parts: list[Text] = []
    for listed in commands:
        parts += [Text((Code(listed.usage),)), Text(code_spans(listed.summary))]
    examples = tuple(dict.fromkeys(example for each in commands for example in each.examples))
    spans: list[Span] = []
    for example in examples:
        spans += [Code(example), "  "]
    family = commands[0].name.split(" ")[0]
    return Reply(
        (f"How to use {family if len(commands) > 1 else commands[0].name}",),
        (*parts, Text(tuple(spans), "Examples")),
        buttons=tuple(
            Button(example, example)
            for example in examples[:_MAX_BUTTONS]
            if not _changes_digest(commands, example)
        ),
    )


def _changes_digest(commands: list[Command], example: str) -> bool:
    """Return whether an example changes a digest, which no button of `help` may do."""
    return any("<N>" in each.usage and example.startswith(each.name) for each in commands)
