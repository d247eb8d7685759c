"""What the e2e tests share: the program as a process of its own, and a network of its own."""

import asyncio
import os
import re
import shutil
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.chromium import Page, chromium
from tests.support.network_namespace import network_namespace
from tests.support.processes import PROGRAM, Start, skip_without


@pytest.fixture
def alone() -> Iterator[None]:
    """Provide the test a network of its own."""
    skip_without(sys.platform == "linux", "Linux")
    try:
        with network_namespace():
            yield
    except PermissionError:
        skip_without(False, "root, for a network namespace")


@pytest.fixture
def program(tmp_path: Path) -> Start:
    """Provide a way to start `figshare-bot …` with these variables and no others, in an empty folder."""

    @asynccontextmanager
    async def start(
        *arguments: str, environment: Mapping[str, str] | None = None, **how: Any
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        variables = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **(environment or {})}
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *arguments, env=variables, cwd=tmp_path, stdin=asyncio.subprocess.DEVNULL, **how
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    return start


@pytest.fixture
async def playground(program: Start) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Start a playground; yield its URL and the process. It must end well, and complain of nothing."""
    play = ("playground", "--figshare", "sample", "--port", "0")
    async with program(*play, stdout=PIPE, stderr=PIPE) as process:
        text = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        url = re.search(r"http://127\.0\.0\.1:\d+", text)
        assert url, text
        yield url[0], process
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        _, complaints = await asyncio.wait_for(process.communicate(), 10)
        assert (process.returncode, complaints) == (130, b"")


@pytest.fixture
async def page(playground: tuple[str, asyncio.subprocess.Process], tmp_path: Path) -> AsyncIterator[Page]:
    """Open the page of a playground that was just started; nothing may be complained of."""
    browser = shutil.which("chromium")
    skip_without(browser, "Chromium: apt-get install chromium")
    async with chromium(browser, tmp_path, playground[0]) as opened:
        await opened.wait_for_element("button", "Send")
        yield opened
        assert opened.problems == []
