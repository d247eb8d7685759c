"""What the slow truths share: the program as a process of its own, and what to do where a tool is missing."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.apart import apart

PROGRAM = Path(sys.executable).with_name("figshare-bot")
Start = Callable[..., AbstractAsyncContextManager[asyncio.subprocess.Process]]


def need(found: object, what: str) -> None:
    """Skip the test where something is missing; with E2E=required, as `.ci/run` sets it, fail."""
    if not found:
        (pytest.fail if os.environ.get("E2E") == "required" else pytest.skip)(f"needs {what}")


@pytest.fixture
def alone() -> Iterator[None]:
    """Give the test a network of its own."""
    need(sys.platform == "linux", "Linux")
    try:
        with apart():
            yield
    except PermissionError:
        need(False, "root, for a network namespace")


@pytest.fixture
def program(tmp_path: Path) -> Start:
    """Give a way to start `figshare-bot …` with these variables and no others, in an empty folder."""

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
