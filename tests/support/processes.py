"""The program as a process of its own, and what to do where a tool is missing."""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("figshare-bot")
Start = Callable[..., AbstractAsyncContextManager[asyncio.subprocess.Process]]


def skip_without(tool: object, name: str) -> None:
    """Skip the test where a tool is missing; fail it with E2E=required, as `.ci/run` sets it."""
    if not tool:
        (pytest.fail if os.environ.get("E2E") == "required" else pytest.skip)(f"needs {name}")
