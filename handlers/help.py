"""What the bot can do."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from itertools import groupby

from bot.bot import Bot
from bot.commands import Command, Question, command
from bot.help.arguments import argument_rows
from bot.help.invitation import invitation, works_here
from bot.help.roles import ROLES, RoleHelp
from bot.help.search import SEARCH
from bot.help.topic import Row, Topic
from bot.help.topics import TOPICS
from bot.language.tokens import InvalidArgument
from bot.reply import Button, Code, Line, Part, Reply, Rows, Span, Strong, Text, code_spans
from bot.text import cut

_MAX_BUTTONS = 5
# The topics that say more about a command, by the command's name.
_TOPICS_OF_COMMANDS = {"search": "search", "subscribe": "digests", "views": "numbers", "downloads": "numbers"}


# Other words for what there is help on; "" is the list of all commands.
_OTHER_NAMES = {
    **dict.fromkeys(("me", "all", "everything", "commands"), ""),
    **dict.fromkeys(("admin", "admins"), "administrator"),
    **dict.fromkeys(("embargo", "embargoes", "embargos", "licence", "license", "card", "items"), "item"),
    **dict.fromkeys(("citation", "citations", "bibtex"), "cite"),
    **dict.fromkeys(("country", "geography"), "countries"),
}
_TOPICS_NAME = ("topics", "topic")


def _topic(name: str) -> Topic | None:
    return next((each for each in TOPICS if each.is_called(name)), None)


def _role(name: str) -> RoleHelp | None:
    return next((each for each in ROLES if name in (each.name, f"{each.name}s")), None)


def _commands(bot: Bot, name: str) -> list[Command]:
    """Return the commands with a name; the first word of several, such as `oai`, stands for all of them."""
    return [each for each in bot.commands.all if each.name == name or each.name.startswith(name + " ")]


def _asked_name(bot: Bot, text: str) -> str:
    """Return the name of what help was asked on."""
    name = text.lower().strip("`/ ?")
    return name if _commands(bot, name) else _OTHER_NAMES.get(name, name)


def _require_known(bot: Bot, today: date, text: str) -> None:
    """Raise InvalidArgument for what there is no help on."""
    name = _asked_name(bot, text)
    if name and name not in _TOPICS_NAME and not (_topic(name) or _role(name) or _commands(bot, name)):
        raise InvalidArgument(text, "there is no such command or topic", "help")


@command(
    "help [command or topic]",
    task="Check",
    examples=("help", "help search"),
    words="what can you do, what can i ask, what do you do, what are you, who are you, help me, "
    "manual, how does this work, how does it work, how do you work, commands, instructions",
    validate=_require_known,
)
async def help(bot: Bot, question: Question, text: str) -> Reply:
    """What I can do; with a command or topic, more about it."""
    name = _asked_name(bot, text)
    if not name:
        return _overview(bot, question.user)
    if name in _TOPICS_NAME:
        return _topics_help()
    topic, role, commands = _topic(name), _role(name), _commands(bot, name)
    if role is not None:
        return _role_help(bot, role)
    if commands:
        return _command_help(bot, commands, topic)
    if topic is SEARCH:
        return _command_help(bot, [bot.commands["search"]], topic)
    if topic is not None:
        return _topic_help(bot, topic)
    return _unknown(bot, text)


def _topics_help() -> Reply:
    """Return a line for each topic and role."""
    rows = [(f"help {each.name}", each.summary) for each in TOPICS]
    rows += [(f"help {role.name}", role.title.partition(": ")[2]) for role in ROLES]
    rows += [("help views", "how a command is used; the same for every command")]
    buttons = tuple(Button(words, words) for words, _ in rows[: len(TOPICS)])
    return Reply(("What there is help on",), (_listed(rows),), buttons=(*buttons, Button("help", "help")))


def _unknown(bot: Bot, text: str) -> Reply:
    title = f"There is no command or topic “{cut(text, 80)}”."
    closest = _closest(bot, text)
    if not closest:
        everything: Line = (
            Code("help"),
            " lists what I can do, ",
            Code("help topics"),
            " what I explain.",
        )
        buttons = (Button("help", "help"), Button("help topics", "help topics"))
        return Reply((title,), (Text(everything),), buttons=buttons, outcome="wrong")
    words = f"help {closest}"
    return Reply(
        (title,),
        (Text(("Did you mean ", Code(words), "?")),),
        buttons=(Button(words, words),),
        outcome="wrong",
    )


def _closest(bot: Bot, text: str) -> str:
    """Return the topic, role or command that was probably meant; "" if none is similar."""
    names = [each.name for each in (*TOPICS, *ROLES)]
    if similar := get_close_matches(text.lower(), names, 1, 0.75):
        return similar[0]
    command = bot.commands.closest(text)
    return command.name if command is not None else ""


def _overview(bot: Bot, user: str) -> Reply:
    """Return a line for each command, by task."""
    parts: list[Part] = [Text(invitation(bot, user))]
    ordered = sorted(bot.commands.all, key=bot.commands.order)
    for task, commands in groupby(ordered, key=lambda each: each.task):
        parts += [Text((Strong(task),)), _listed((each.name, _half_sentence(each)) for each in commands)]
    more = [("help views", "how it is used, with examples; the same for every command")]
    more += [(f"help {topic.name}", topic.summary) for topic in TOPICS]
    parts += [Text((Strong("More help"),)), _listed(more)]
    return Reply(
        ("Ask me about anything on Figshare",),
        tuple(parts),
        buttons=tuple(Button(role.name.capitalize(), f"help {role.name}") for role in ROLES),
    )


def _half_sentence(listed: Command) -> str:
    half = re.split(r"[;:]|\. ", listed.summary, maxsplit=1)[0].rstrip(".")
    return half[0].lower() + half[1:] if not half[:2].isupper() and half[:2] != "I " else half


def _role_help(bot: Bot, role: RoleHelp) -> Reply:
    rows = role.rows(lambda question: works_here(bot, question))
    others = tuple(Button(each.name.capitalize(), f"help {each.name}") for each in ROLES if each is not role)
    return Reply(
        (role.title,),
        (_rows(rows), Text((Code("help"), " lists everything I can do."))),
        buttons=(*_example_buttons(bot, [row.question for row in rows]), *others),
    )


def _topic_help(bot: Bot, topic: Topic) -> Reply:
    others = tuple(Button(f"help {each.name}", f"help {each.name}") for each in TOPICS if each is not topic)
    return Reply((topic.title,), _topic_parts(bot, topic), buttons=(*_topic_buttons(bot, topic), *others))


def _topic_parts(bot: Bot, topic: Topic) -> tuple[Part, ...]:
    parts: list[Part] = [Text(code_spans(topic.intro))]
    for section in topic.sections:
        parts += [Text((Strong(section.heading),)), _rows(section.rows)]
    return (*parts, *(Text(code_spans(note)) for note in topic.notes))


def _topic_buttons(bot: Bot, topic: Topic) -> tuple[Button, ...]:
    """Return a button for the first question of each section."""
    return _example_buttons(bot, [section.rows[0].question for section in topic.sections])


def _command_help(bot: Bot, commands: Sequence[Command], topic: Topic | None) -> Reply:
    parts: list[Part] = []
    for listed in commands:
        parts += [Text((Code(listed.usage),)), Text(code_spans(listed.summary))]
        parts += [Text(code_spans(paragraph)) for paragraph in listed.details]
        if topic is None and (arguments := argument_rows(listed)):
            parts.append(_listed(arguments))
    examples = tuple(dict.fromkeys(example for each in commands for example in each.examples))
    spans: list[Span] = []
    for example in examples:
        spans += [Code(example), "  "]
    parts.append(Text(tuple(spans), "Examples"))
    name = commands[0].name.split(" ")[0] if len(commands) > 1 else commands[0].name
    buttons = list(_example_buttons(bot, examples, may_write=True))
    if topic is not None:
        parts += _topic_parts(bot, topic)
    elif name in _TOPICS_OF_COMMANDS:
        more = f"help {_TOPICS_OF_COMMANDS[name]}"
        buttons.append(Button(more, more))
    return Reply((f"How to use {name}",), tuple(parts), buttons=tuple(buttons))


def _rows(rows: Iterable[Row]) -> Rows:
    return _listed((row.question, row.meaning) for row in rows)


def _listed(pairs: Iterable[tuple[str, str]]) -> Rows:
    """Return a line for each pair of words to type and what they mean."""
    return Rows(
        tuple(((Code(words), " – ", *code_spans(meaning)),) for words, meaning in pairs), is_dense=True
    )


def _example_buttons(bot: Bot, questions: Iterable[str], may_write: bool = False) -> tuple[Button, ...]:
    """Return buttons for questions that work here; with `may_write` also for those that keep something."""
    runnable = [
        question
        for question in questions
        if not _changes_digest(bot, question)
        and (may_write or not _keeps_something(bot, question))
        and works_here(bot, question)
    ]
    return tuple(Button(question, question) for question in runnable[:_MAX_BUTTONS])


def _keeps_something(bot: Bot, question: str) -> bool:
    """Return whether a question subscribes or drafts, which nobody who only reads on should do."""
    resolved = bot.commands.resolve(question)
    return resolved is not None and (bool(resolved[0].role) or resolved[0].name == "subscribe")


def _changes_digest(bot: Bot, question: str) -> bool:
    """Return whether a question changes or sends a digest, which no button of `help` may do."""
    resolved = bot.commands.resolve(question)
    return resolved is not None and "<N" in resolved[0].usage
