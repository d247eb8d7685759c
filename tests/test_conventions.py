"""What the documentation, help, manifest and settings say is what the code does."""

import ast
import re
import tomllib
from dataclasses import replace
from types import ModuleType

import pytest
import yaml

from bot.__main__ import main
from bot.commands import CommandRegistry, Question
from bot.dispatcher import Dispatcher
from bot.help.markdown import asking_page
from bot.manifest import manifest
from bot.render.plain_text import terminal_text
from bot.settings import Settings
from handlers import MODULES
from tests.support.clock import TODAY
from tests.support.paths import ROOT as HERE

COMMANDS = CommandRegistry(MODULES)
ARCHITECTURE = (HERE / "docs/architecture.md").read_text("utf-8")
SOURCES = sorted([*HERE.glob("bot/**/*.py"), *HERE.glob("handlers/*.py")])


def test_page_about_asking_says_what_help_says():
    page = (HERE / "docs/asking.md").read_text("utf-8")
    assert page == asking_page(COMMANDS), "run: uv run python -m bot.cli.asking_page > docs/asking.md"


@pytest.mark.parametrize("name", [each.name for each in COMMANDS.all])
async def test_every_command_has_two_working_examples(drafts_client, name):
    examples = COMMANDS[name].examples
    assert len(examples) == 2
    for example in examples:
        reply = await drafts_client.reply(example)
        assert reply.outcome == "ok", (example, reply.title)


def test_no_two_commands_share_a_name_or_a_place():
    names = [each.name for each in COMMANDS.all]
    assert len(names) == len(set(names))
    for each in COMMANDS.all:
        assert COMMANDS.resolve(each.example) is not None
        assert each.usage.startswith(each.name)


def test_manifest_asks_only_for_used_scopes_and_events():
    for url in ("", "https://bot.example.org/"):
        parsed = yaml.safe_load(manifest(Settings(), url))
        doors = (HERE / "bot/slack/router.py").read_text("utf-8")
        assert parsed["settings"]["event_subscriptions"]["bot_events"] == [
            "app_mention",
            "message.im",
        ]
        assert "app_mention" in doors
        scopes = {"commands", "chat:write", "app_mentions:read", "im:history", "users:read"}
        # digests
        scopes |= {"channels:history", "groups:history", "mpim:history", "im:write", "files:write"}
        assert set(parsed["oauth_config"]["scopes"]["bot"]) == scopes
        for shortcut in parsed["features"]["shortcuts"]:
            assert shortcut["callback_id"] in COMMANDS.actions
        [command] = parsed["features"]["slash_commands"]
        assert command["should_escape"] is True
        assert command["command"] == "/figshare"
        assert parsed["features"]["app_home"]["messages_tab_read_only_enabled"] is False


def test_the_manifest_for_http_fills_in_every_address():
    parsed = yaml.safe_load(manifest(Settings(), "https://bot.example.org/"))
    address = "https://bot.example.org/slack/events"
    assert parsed["settings"]["event_subscriptions"]["request_url"] == address
    assert parsed["settings"]["interactivity"]["request_url"] == address
    assert parsed["settings"]["interactivity"]["message_menu_options_url"] == address
    assert parsed["features"]["slash_commands"][0]["url"] == address
    assert parsed["settings"]["socket_mode_enabled"] is False
    assert yaml.safe_load(manifest(Settings()))["settings"]["socket_mode_enabled"] is True


def test_env_example_lists_every_setting_with_its_default():
    told = dict(re.findall(r"^([A-Z_]+)=(.*)$", (HERE / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert sorted(told) == sorted(Settings.variables())
    assert Settings.from_env(told) == Settings()


@pytest.mark.parametrize(("page", "least"), [("security", 30), ("architecture", 30), ("why", 8)])
def test_what_the_documentation_names_is_there(page, least):
    text = (HERE / f"docs/{page}.md").read_text("utf-8")
    named = set(re.findall(r"`((?:bot|handlers|tests|deploy|benchmarks)/[\w/.-]*)`", text))
    assert len(named) > least
    assert [name for name in sorted(named) if not (HERE / name).exists()] == []


def test_environment_is_read_by_the_root_alone():
    readers = [s.relative_to(HERE).as_posix() for s in SOURCES if "os.environ" in s.read_text("utf-8")]
    assert readers == ["bot/__main__.py"]


async def test_example_command_of_the_documentation_works(client):
    [source] = re.findall(r"```python\n(\"\"\"Which licence.*?)```", ARCHITECTURE, re.DOTALL)
    module = ModuleType("licence")
    exec(compile(source, "licence.py", "exec"), vars(module))
    assert len(source.splitlines()) <= 30
    bot = replace(client.bot, commands=CommandRegistry((*MODULES, module)))
    reply = await Dispatcher(bot).answer(Question("licence 5616445", TODAY))
    assert "Licence: CC BY 4.0" in terminal_text(reply)


def test_the_manifest_is_printed_with_and_without_an_address(capsys, monkeypatch):
    for more, there in ([], False), (["--url", "https://bot.example.org"], True):
        monkeypatch.setattr("sys.argv", ["figshare-bot", "manifest", *more])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        assert ("https://bot.example.org/slack/events" in capsys.readouterr().out) is there
    monkeypatch.setattr("sys.argv", ["figshare-bot", "manifest", "--url", "bot.example.org"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2 and "https URL" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "pins"),
    [
        ("requirements.txt", "constraint-dependencies"),
        ("build-requirements.txt", "build-constraint-dependencies"),
    ],
)
def test_the_image_installs_nothing_without_its_hash(name, pins):
    pinned = tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))["tool"]["uv"][pins]
    hashed = (HERE / "deploy" / name).read_text("utf-8")
    listed = re.findall(
        r"^([a-z0-9.-]+==[^ ;]+)(?: ;[^\\]*)? \\(?:\n +--hash=sha256:[0-9a-f]{64}(?: \\)?)+", hashed, re.M
    )
    assert len(listed) == len(re.findall("^[a-z]", hashed, re.M)) and set(listed) <= set(pinned)
    assert "://" not in hashed
    installs = re.findall(r"pip .*install .*", (HERE / "Containerfile").read_text("utf-8"))
    assert len(installs) == 3
    assert all("--require-hashes" in each or "--no-index --no-deps" in each for each in installs)


def test_every_dependency_of_the_bot_has_its_hash():
    project = tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))["project"]
    hashed = (HERE / "deploy/requirements.txt").read_text("utf-8")
    for each in project["dependencies"]:
        assert re.search(rf"^{re.match('[a-z-]+', each)[0]}==", hashed, re.M), each


def test_every_test_has_a_name_that_fits_a_line():
    names = [
        node.name.removeprefix("test_")
        for source in (HERE / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    assert len(names) > 900
    assert [name for name in names if len(name) > 60] == []
