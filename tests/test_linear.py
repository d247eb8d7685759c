"""However long and odd a text is, the time to parse it grows no faster than its length."""

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache

import pytest

from bot import text
from bot.commands import CommandRegistry
from bot.drafts import field_parser
from bot.figshare import item_types
from bot.interpretation.vocabulary import vocabulary_of
from bot.language import period_parser, references, schedule_parser, search, time_zones, topics
from bot.language.parameters import ParseContext
from bot.language.private_links import without_private_links
from bot.language.tokens import MAX_QUESTION_LENGTH, InvalidArgument, Token, normalize, sanitize, tokenize
from bot.redaction import Redactor
from bot.render import blocks, plain_text
from bot.reply import InvalidFields, Reply, Rows, Table, Text
from handlers import MODULES
from tests.support.clock import NOON, TODAY, slowness
from tests.support.paths import ROOT as HERE

COMMANDS = CommandRegistry(MODULES)
# What is repeated, and what may stand at the end so that nothing matches after all.
UNITS = (
    *(",", " ", '"', "'", "(", ")", "[", "{", "<", ">", "|", "/", "\\", ".", ":", ";", "-", "_", "`", "*"),
    *("a", "A", "1", "é", "=", "#", "&", "%", "\n", "\t", "\u200b", "\u200c", "\u200d", "م\u200c", "…", "٣"),
    *(
        "<a://",
        "<mailto:",
        "<@U1|",
        "<@U1",
        "&amp;",
        "&lt;",
        "%2",
        "%2F",
        "%25",
        "https://",
        "10.1234/",
        "/s/",
    ),
    *(
        "a.",
        "a@",
        "1,",
        "1.",
        "1-",
        "a:",
        "a a ",
        "1 1 ",
        "a:1 ",
        "()",
        ")/",
        '"a" ',
        'a:"b" ',
        "<b>",
        "<b a>",
    ),
    *(
        " and ",
        "on monday and ",
        "at 09:00 ",
        "last ",
        "10.1234/a ",
        "/s/0123456789abcdef",
        "a.v1",
        "2024-01..",
    ),
    *(
        "OR ",
        "NOT ",
        "title:",
        "title:(",
        ":title: ",
        "private_link=",
        "figshare.com/s/",
        "0000-0000-0000-",
        ";\n",
    ),
)
ENDS = ("é", " !\x00")
AROUND = (("a ", " é!"), ("search ", ""), ("5616445 ", " weekly"))
SIZES, LONG = (256, 1_024, 4_096), (500, MAX_QUESTION_LENGTH)
# Seconds a character: below CHEAP is always accepted, above FAR_TOO_MUCH never, and between them the cost may
# not grow by more than GROWTH with the length. A slow machine may take longer.
CHEAP, FAR_TOO_MUCH, GROWTH = 3e-6, 1e-4, 3.0

Call = Callable[[str], object]


def cost(call: Call, given: str, tries: int = 3) -> float:
    """Return the processor's seconds a character: the best of some tries, or of one if it is cheap."""
    best = float("inf")
    for _ in range(tries):
        began = time.thread_time()
        with suppress(InvalidArgument, InvalidFields):
            call(given)
        best = min(best, (time.thread_time() - began) / len(given))
        if best < CHEAP:
            break
    return best


def grows(call: Call, unit: str, end: str = "", sizes: tuple[int, ...] = SIZES) -> str:
    """Return how the cost of a character grows with the length of the text; "" when it does not."""
    costs = list[float]()
    for size in sizes:
        costs.append(cost(call, unit * (size // len(unit)) + end))
        if costs[-1] > FAR_TOO_MUCH * slowness() or (costs[-1] > CHEAP and costs[-1] > GROWTH * min(costs)):
            output = ", ".join(f"{size}: {each * 1e6:.2f}" for size, each in zip(sizes, costs, strict=False))
            return f"{unit!r} … {end!r}, microseconds a character: {output}"
    return ""


# Patterns that are made in a loop, or only when the settings are known.
MADE_ELSEWHERE = {
    "bot.redaction": [Redactor(("xoxb-12345-abc", "p@ss w/rd+ &é", "aaaaaaaa"))._pattern],
    "bot.text": [each for pair in text._HIDDEN_ELEMENTS for each in pair],
}
METHODS = {"match", "fullmatch", "search", "split", "sub", "subn", "findall", "finditer"}


def patterns() -> Iterator[tuple[str, re.Pattern[str], str]]:
    """Return every regular expression of the program with where it stands and how it is used."""
    sources = [*HERE.glob("bot/**/*.py"), *HERE.glob("handlers/**/*.py")]
    trees = {source: ast.parse(source.read_text("utf-8")) for source in sorted(sources)}
    used: dict[str, set[str]] = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                used.setdefault(ast.unparse(node.value).rpartition(".")[2], set()).add(node.attr)
    for source, tree in trees.items():
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and is_of_re(node.func)]
        if not calls:
            continue
        name = ".".join(source.relative_to(HERE).with_suffix("").parts)
        module = importlib.import_module(name)
        named = {id(value): each for each, value in vars(module).items() if isinstance(value, re.Pattern)}
        for call in calls:
            where = f"{name}:{call.lineno}"
            flags = [each.value for each in call.keywords if each.arg == "flags"]
            position = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(call.func.attr, 2)
            flags += call.args[position : position + 1]
            try:
                given = [eval(ast.unparse(each), vars(module)) for each in (call.args[0], *flags)]
            except NameError:
                if name not in MADE_ELSEWHERE:
                    pytest.fail(f"{where}: a pattern that can't be made at the module's level")
                continue
            compiled = re.compile(*given)
            methods = {call.func.attr}
            if call.func.attr == "compile":
                methods = used.get(named.get(id(compiled), ""), {"search"}) & METHODS
            for method in sorted(methods):
                yield where, compiled, method


def is_of_re(called: ast.expr) -> bool:
    of_re = (
        isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "re"
    )
    return of_re and called.attr in {"compile", *METHODS}


def fragments(pattern: str) -> list[str]:
    """Return the pieces of a pattern that stand for themselves."""
    plain = re.sub(r"\\([^A-Za-z0-9])|\(\?P<[a-z]+>|\(\?[a-zA-Z<]?[:=!]?|\\[A-Za-z]", r"\1", pattern)
    return sorted(set(re.findall(r"[A-Za-z0-9:/.<@&%_=-]{2,30}", plain)), key=len)[-4:]


EVERY = list(patterns())
EVERY += [(name, compiled, "search") for name, all_of in MADE_ELSEWHERE.items() for compiled in all_of]


@pytest.mark.parametrize(("pattern", "method"), [pytest.param(f, m, id=f"{w} {m}") for w, f, m in EVERY])
def test_every_pattern_is_linear(pattern, method):
    is_bytes = isinstance(pattern.pattern, bytes)
    source = pattern.pattern.decode() if is_bytes else pattern.pattern
    apply = {
        "sub": lambda given: pattern.sub("", given),
        "subn": lambda given: pattern.subn("", given),
        "finditer": lambda given: list(pattern.finditer(given)),
    }.get(method, getattr(pattern, method))
    call = (lambda given: apply(given.encode())) if is_bytes else apply
    for unit in (*UNITS, *fragments(source)):
        for begin in ("", "é", *fragments(source)[-1:]):
            for end in ENDS:
                growth = grows(lambda given, begin=begin: call(begin + given), unit, end)
                assert growth == ""


@cache
def tokens_of(given: str) -> tuple[Token, ...]:
    """Return the tokens of a text, which many parsers need; `tokenize` itself is measured by its own name."""
    return tuple(tokenize(given))


def words_of(given: str) -> list[str]:
    return [word.text for word in tokens_of(given)]


def shown(given: str) -> object:
    parts = (
        Text((given,), given),
        Rows((((given,), (given,)),)),
        Table(given, (given, given), ((given, given),)),
    )
    reply = Reply((given,), parts, footnotes=((given,),))
    return blocks.message_payload(reply, given), plain_text.terminal_text(reply)


PARSERS: dict[str, Call] = {
    "normalize": normalize,
    "normalize, bot user": lambda given: normalize(given, bot_user="U1"),
    "tokenize": tokenize,
    "a reference": references.parse_reference,
    "references of words": lambda given: references.leading_reference(words_of(given)),
    "a link to a file": references.is_file_link,
    "private links": without_private_links,
    "sanitize": sanitize,
    "a search": lambda given: search.parse_search(given, TODAY),
    "a search of collections": lambda given: search.parse_search(f"collections {given}", TODAY),
    "a type": item_types.item_type,
    "a period": lambda given: period_parser.leading_period(given.split(" "), TODAY),
    "a schedule": lambda given: schedule_parser.leading_schedule(list(tokens_of(given))),
    "a schedule at the end": lambda given: schedule_parser.trailing_schedule_start(list(tokens_of(given))),
    "pieces of a schedule": lambda given: schedule_parser.schedule_pieces(list(tokens_of(given))),
    "a city": lambda given: time_zones.leading_city(words_of(given) or [given]),
    "a cron line": lambda given: schedule_parser.leading_schedule(list(tokens_of(f'cron "{given}"')))[
        0
    ].schedule("UTC", NOON.timestamp()),
    "a bare cron line": lambda given: schedule_parser.leading_schedule(list(tokens_of(f"cron {given}")))[
        0
    ].schedule("UTC", NOON.timestamp()),
    "a subscription": topics.parse_subscription,
    "a subscription to a search": lambda given: topics.parse_subscription(f"search {given}"),
    "a topic": topics.parse_topic,
    "a command": COMMANDS.resolve,
    "a command misspelt": COMMANDS.closest,
    "a plain question": vocabulary_of(COMMANDS).words,
    "an author": field_parser._split_orcid,
    "plain text": text.plain,
    "safe text": text.safe,
    "an address": text.safe_url,
    "cut text": lambda given: (text.cut(given, 80), text.escaped_to_fit(given, (60, 15), 75)),
    "pieces": blocks.copy_pieces,
    "an answer": shown,
}


BEGINNINGS = [("", ""), *(pytest.param(*each, marks=pytest.mark.thorough) for each in AROUND)]


@pytest.mark.parametrize(("begin", "end"), BEGINNINGS)
@pytest.mark.parametrize("name", PARSERS)
def test_every_parser_is_linear(name, begin, end):
    for unit in UNITS:
        assert grows(lambda given: PARSERS[name](begin + given), unit, end, LONG) == ""


normalized = cache(normalize)


@pytest.mark.parametrize("command", COMMANDS.all, ids=lambda command: command.name)
def test_every_command_parses_in_linear_time(command):
    for unit in UNITS:
        for begin in ("", "5616445 "):

            def read(given: str, begin: str = begin) -> object:
                question = normalized(begin + given)
                return command.parse(ParseContext(list(tokens_of(question)), None, TODAY), question)

            assert grows(read, unit, "", (500, command.max_length)) == ""


def test_longest_command_fits_the_question_length():
    assert max(command.max_length for command in COMMANDS.all) == MAX_QUESTION_LENGTH
