"""What the e2e tests share: the program as a process of its own, and a network of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

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
