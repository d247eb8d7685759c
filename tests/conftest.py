"""The fixtures that tests in several folders use."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina

from bot.drafts.accounts import account_of_user
from bot.figshare.private import DraftFields
from bot.language.schedules import Schedule
from tests.support.bot_client import BotClient, open_bot_client, open_drafts_client
from tests.support.databases import empty_schema
from tests.support.slack_client import SlackClient, open_slack_client


@pytest.fixture(autouse=True, scope="session")
def no_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let no client read the system's certificates, which takes long: no request leaves loopback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("certificates")))
        # httpcore tries to import it at every request, which reads the disk each time.
        patch.setitem(sys.modules, "sniffio", None)
        yield


def pytest_configure(config: pytest.Config) -> None:
    """Let the workers and the programs that tests start write bytecode, so that they start faster."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Return one worker more than processors, since tests wait for servers and databases; none for e2e.

    Each e2e test needs the ports and the processors for itself.
    """
    return 0 if config.getoption("markexpr") == "e2e" else 1 + len(os.sched_getaffinity(0))


@pytest.fixture(autouse=True)
def no_pause_between_tries() -> Iterator[None]:
    """Retry as often as usual, but without waiting."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
async def drafts_client() -> AsyncIterator[BotClient]:
    """Yield a client with the two drafts and the digests that examples name."""
    async with open_drafts_client() as client:
        account = await account_of_user(client.bot, "U1", client.people)
        for title in ("Counting frogs by ear", "Frog calls"):
            await account.create(DraftFields(title=title))
        for id in (5616445, 9784012, 9784013, 9784014, 9784015):
            schedule = Schedule("0 9 * * 5")
            await client.bot.subscriptions.add("C1", "U1", "Maya", str(id), f"item {id}", 4, schedule)
        yield client


@pytest.fixture
async def client() -> AsyncIterator[BotClient]:
    async with open_bot_client() as client:
        yield client


@pytest.fixture
async def slack_client() -> AsyncIterator[SlackClient]:
    async with open_slack_client() as client:
        yield client


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Return the address of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'figshare-bot.db'}"


@pytest.fixture
async def schema() -> AsyncIterator[str]:
    """Yield the address of an empty PostgreSQL schema."""
    async with empty_schema() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty database of each kind."""
    return request.getfixturevalue("file" if request.param == "sqlite" else "schema")
