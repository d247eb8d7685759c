"""What the README and the pages beside it say is so."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.__main__ import main
from bot.bot import open_bot
from bot.cli.check import check
from bot.commands import CommandRegistry, Question
from bot.dispatcher import Dispatcher
from bot.emulators.sample import sample_figshare
from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.emulators.slack.people import BOT_USER_ID, RESEARCH
from bot.manifest import required_scopes
from bot.metrics import Metrics
from bot.playground.app import UNREACHABLE, run_playground
from bot.render.plain_text import terminal_text
from bot.settings import InvalidSettings, Settings
from bot.storage.redis import PREFIX
from handlers import MODULES
from tests.support.bot_client import MemberDirectory, open_bot_client
from tests.support.clock import NOON
from tests.support.paths import ROOT

COMMANDS = CommandRegistry(MODULES)
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in (ROOT / "README.md", ROOT / "SECURITY.md", *ROOT.glob("docs/*.md"))
}
README = PAGES["README.md"]


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its head."""
    section = page.split(f"{heading}\n", 1)[1]
    table = re.search(r"(?:^\|.*\n)+", section, re.M)
    assert table
    return [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in table[0].splitlines()[2:]]


def codes(text: str) -> list[str]:
    return [double or single for double, single in re.findall(r"``(.+?)``|`([^`]+)`", text)]


def anchors(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", page, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name):
    folder = (ROOT / name).parent
    for target in re.findall(r"\]\((?!https?://|mailto:)([^)]+)\)", PAGES[name]):
        file, _, anchor = target.partition("#")
        path = (folder / file).resolve() if file else ROOT / name
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path.read_text("utf-8")), target


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_the_program_is_one(name, capsys, monkeypatch):
    for command in set(re.findall(r"(?:run|bin/|`|^)\s?figshare-bot ([a-z]+)", PAGES[name], re.M)):
        monkeypatch.setattr("sys.argv", ["figshare-bot", command, "--help"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0, command
    capsys.readouterr()


def test_first_minute_is_two_commands():
    block = README.split("## Try it")[1].split("```\n")[1]
    assert block.splitlines() == [
        "python3 -m venv .tools/uv && .tools/uv/bin/pip install uv",
        ".tools/uv/bin/uv run figshare-bot playground",
    ]


async def test_eight_examples_are_answered():
    examples = [codes(cells[0])[0] for cells in rows(README, "## Eight things to ask")]
    assert len(examples) == 8
    async with (
        sample_figshare(Settings(), NOON.timestamp) as settings,
        open_bot(settings, COMMANDS, Metrics(), NOON.timestamp) as bot,
    ):
        for example in examples:
            reply = await Dispatcher(bot).answer(Question(example, NOON.date()))
            text = terminal_text(reply)
            # only a conversation can be subscribed
            needs_slack = example == "subscribe ours" and text.startswith("This needs Slack.")
            assert reply.outcome == "ok" or needs_slack, text


def test_every_scope_has_its_reason():
    told = [scope for cells in rows(README, "### What the app may do in Slack") for scope in codes(cells[0])]
    everything = replace(Settings(), figshare_impersonate="email", draft_users=("S1",))
    assert len(told) == len(set(told)) and set(told) == required_scopes(everything)


def test_page_for_operators_lists_every_setting_and_default():
    defaults = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.M))
    told = {}
    for names, values, _ in (
        map(str.strip, cells) for cells in rows(PAGES["docs/running.md"], "## Settings")
    ):
        given = codes(values)
        told |= dict(zip(codes(names), given or [""] * len(codes(names)), strict=True))
    assert told == defaults


def test_what_is_stored_names_what_removes_it():
    cells = {row[0]: row[3] for row in rows(README, "## What is stored")}
    assert codes(cells["Digests: channel, owner's Slack id and name, what it is about, when"]) == ["stop N"]
    assert PREFIX.startswith(codes(cells["Figshare's public answers"])[0])


def settings_problems(environ: dict[str, str]) -> Iterator[str]:
    try:
        Settings.from_env(environ).check_serving()
    except InvalidSettings as error:
        yield from error.problems


async def check_lines(capsys, token: str = "xoxb-1", scopes: frozenset[str] = frozenset()) -> list[str]:
    given = required_scopes(Settings()) - scopes
    async with (
        sample_figshare(Settings(), NOON.timestamp) as settings,
        Workspace(signing_secret="s", bot_token="xoxb-1", scopes=given) as workspace,
        serve(slack_emulator(workspace)) as base,
    ):
        workspace.url = base
        slack = {"slack_api_url": f"{base}/api/", "slack_bot_token": token, "slack_signing_secret": "s"}
        await check(replace(settings, database_url="sqlite://", **slack), COMMANDS)
    return capsys.readouterr().out.splitlines()


async def messages(capsys, slack_client) -> list[str]:
    """Make each of the commonest failures happen, and return what people read."""
    seen = [UNREACHABLE]
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        await run_playground(COMMANDS, Settings(), port, "sample")
    seen.append(capsys.readouterr().err.replace(str(port), "3000").replace("in use. ", "in use.\n"))
    seen += settings_problems({"SLACK_APP_TOKEN": "xapp-1"})
    seen += settings_problems({"SLACK_BOT_TOKEN": "xapp-1"})
    seen += await check_lines(capsys, token="xoxb-2")
    seen += await check_lines(capsys, scopes=frozenset({"files:write"}))
    slack_client.slack.bot_url = "http://127.0.0.1:1/"
    await slack_client.slack.command("/figshare", "help")
    seen.append(slack_client.slack.history.messages[-1].text)
    async with open_bot_client() as client:
        seen.append(await client.ask("stats ours"))
    async with open_bot_client(draft_users=()) as client:
        client.people = MemberDirectory()
        seen.append(await client.ask("draft Frogs"))
    return [line for text in seen for line in text.splitlines()]


async def test_channel_without_the_bot_is_not_subscribed(slack_client):
    slack_client.slack.channels[RESEARCH].members.discard(BOT_USER_ID)
    seen = await slack_client.slack.command("/figshare", "subscribe 5616445", channel=RESEARCH)
    quoted = [codes(cells[0])[0] for cells in rows(README, "## When something doesn't work")]
    assert [line for line in quoted if line in str(seen.blocks)] == [
        "I'm not in this conversation, so I haven't subscribed it."
    ]


async def test_commonest_failures_are_quoted_exactly(capsys, slack_client):
    quoted = [codes(cells[0])[0] for cells in rows(README, "## When something doesn't work")]
    assert len(quoted) == 10
    seen = await messages(capsys, slack_client)
    missing = [line for line in quoted if line not in seen]
    assert missing == ["I'm not in this conversation, so I haven't subscribed it."], seen
