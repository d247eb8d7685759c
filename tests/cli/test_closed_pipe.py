"""Output that nobody reads any more, as behind `| head -1`, ends a command quietly."""

import os
import subprocess
import sys

import pytest

from tests.support.paths import ROOT


@pytest.mark.parametrize(
    ("arguments", "unbuffered"),
    [
        (["ask", "versions 5616445", "--figshare", "sample"], ""),
        (["ask", "versions 5616445", "--figshare", "sample", "--json"], "1"),
        (["manifest"], ""),
        (["--help"], ""),
        (["nonsense"], ""),
    ],
    ids=lambda value: " ".join(value),
)
def test_closed_pipe_ends_a_command_without_a_traceback(arguments, unbuffered, tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    result = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        stdout=writer,
        stderr=writer if arguments == ["nonsense"] else subprocess.PIPE,
        env=environment | {"PYTHONUNBUFFERED": unbuffered, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert not result.stderr
    assert result.returncode == 141
