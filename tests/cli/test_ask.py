"""`ask` shows every page of an answer in the terminal, each naming the next."""

import subprocess
import sys

import pytest

from tests.support.paths import ROOT


def ask(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "bot", "ask", *arguments, "--figshare", "sample"],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
        cwd=folder,
        timeout=60,
        check=False,
    )


def test_page_of_a_long_answer_names_the_next(tmp_path):
    done = ask(tmp_path, "oai sets", "--page", "2")
    assert "16–30" in done.stdout and "There is a next page: add --page 3." in done.stdout


@pytest.mark.parametrize("page", ["0", "two", "-1", "9999999999"])
def test_page_that_is_none_is_refused_with_an_example(page, tmp_path):
    done = ask(tmp_path, "oai sets", f"--page={page}")
    assert done.returncode == 2 and f"{page} isn't the number of a page (example: 2)" in done.stderr
