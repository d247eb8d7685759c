"""Which room stands on which: imports lead downwards, and each outside library stands in one room."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.paths import ROOT as HERE

SOURCES = sorted([*HERE.glob("bot/**/*.py"), *HERE.glob("handlers/*.py")])

# A room is a folder of `bot/`, or a module that lies loose in it. A room imports itself and what is below it.
LAYERS = {
    # entry
    "__main__": 6,
    "cli": 6,
    "playground": 6,
    # surfaces: what the bot does, and how Slack reaches it
    "handlers": 5,
    "slack": 5,
    # features
    "dispatcher": 4,
    "digests": 4,
    "drafts": 4,
    "help": 4,
    "interpretation": 4,
    # core
    "bot": 3,
    "commands": 3,
    "items": 3,
    # services, and the language of questions and answers
    "error_messages": 2,
    "language": 2,
    "permissions": 2,
    "render": 2,
    "storage": 2,
    "upstream": 2,
    # ground
    "": 1,
    "emulators": 1,
    "figshare": 1,
    "http_server": 1,
    "logs": 1,
    "manifest": 1,
    "metrics": 1,
    "redaction": 1,
    "reply": 1,
    "settings": 1,
    "superscripts": 1,
    "text": 1,
}
# All arrows between two rooms of one layer.
WITHIN = {
    ("__main__", "cli"),
    ("__main__", "playground"),
    ("dispatcher", "help"),
    ("dispatcher", "interpretation"),
    ("interpretation", "help"),
    ("items", "bot"),
    ("items", "commands"),
    ("bot", "commands"),
    ("storage", "language"),
    ("storage", "upstream"),
    ("render", "language"),
    ("emulators", "http_server"),
    ("emulators", "settings"),
    ("figshare", "text"),
    ("manifest", "settings"),
    ("logs", "settings"),
    ("text", "superscripts"),
}
LOOSE = 14
LIBRARIES = {
    "aiohttp": {"slack"},
    "alembic": {"storage"},
    "cronsim": {"language"},
    "dbos": {"digests"},
    "dotenv": {"__main__"},
    "httpx": {"figshare"},
    "lxml": {"figshare"},
    "prometheus_client": {"metrics"},
    "redis": {"storage"},
    "selectolax": {"text"},
    "slack_bolt": {"slack"},
    "slack_sdk": {"slack"},
    "sqlalchemy": {"storage"},
    "stamina": {"figshare"},
    "uvicorn": {"http_server"},
}


def room_of(module: str) -> str:
    """Return the room of a module of ours: `bot.slack.app` stands in `slack`."""
    top, _, below = module.partition(".")
    return "handlers" if top == "handlers" else below.partition(".")[0]


@cache
def imports_of(source: Path) -> tuple[str, ...]:
    """Return what a file imports, late imports and those for type checkers included."""
    package = source.relative_to(HERE).parts[:-1]
    modules = []
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            parent = ".".join([*base, *filter(None, [node.module])])
            modules += [f"{parent}.{alias.name}" for alias in node.names]
    return tuple(modules)


def module_of(source: Path) -> str:
    parts = source.relative_to(HERE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(source) for source in SOURCES}


def arrows() -> Iterator[tuple[str, str]]:
    """Return every import of a module of ours by another, as the names of the two."""
    for source in SOURCES:
        for name in imports_of(source):
            if name.partition(".")[0] in ("bot", "handlers"):
                yield module_of(source), name if name in MODULES else name.rpartition(".")[0]


def test_no_import_leads_upwards():
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in arrows()
        for above, below in [(room_of(importer), room_of(imported))]
        if above != below
        and (above, below) not in WITHIN
        and LAYERS[above] <= LAYERS[below]
        # the table of contents is handed in by the roots
        and imported != "handlers"
    ]
    assert wrong == []


def test_layers_name_only_rooms_and_arrows_there_are():
    arrows_of_rooms = {(room_of(importer), room_of(imported)) for importer, imported in arrows()}
    assert set(LAYERS) == {room_of(module) for module in MODULES}
    assert arrows_of_rooms >= WITHIN


def test_no_module_imports_itself_over_others():
    below: dict[str, set[str]] = {}
    for importer, imported in arrows():
        if importer != imported:
            below.setdefault(importer, set()).add(imported)
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " imports ".join([*path[path.index(module) :], module])
        if module not in done:
            for each in sorted(below.get(module, ())):
                walk(each, (*path, module))
            done.add(module)

    for module in sorted(below):
        walk(module, ())


def test_few_modules_lie_loose():
    loose = [path for path in (HERE / "bot").glob("*.py") if path.name != "__init__.py"]
    assert len(loose) <= LOOSE


def test_handlers_know_no_other_handler_and_no_slack():
    for source in (HERE / "handlers").glob("[!_]*.py"):
        rooms = {name.partition(".")[0]: room_of(name) for name in imports_of(source)}
        assert "handlers" not in rooms, source.name
        assert {room_of(name) for name in imports_of(source) if name.startswith("bot.")}.isdisjoint(
            {"slack", "upstream", "render"}
        ), source.name
        storage = {name for name in imports_of(source) if name.startswith("bot.storage.")}
        assert all(name.startswith("bot.storage.rows.") for name in storage), source.name


def test_each_library_stands_in_one_room():
    rooms: dict[str, set[str]] = {library: set() for library in LIBRARIES}
    for source in SOURCES:
        for name in imports_of(source):
            # the emulators could be a package of their own
            if (library := name.partition(".")[0]) in rooms and room_of(module_of(source)) != "emulators":
                rooms[library].add(room_of(module_of(source)))
    assert rooms == LIBRARIES
