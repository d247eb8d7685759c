"""The playground where somebody else has its port."""

import socket

from bot.commands import CommandRegistry
from bot.playground import run
from bot.settings import Settings
from handlers import MODULES


async def test_a_port_that_is_taken_is_named_with_what_would_work(capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert await run(CommandRegistry(MODULES), Settings(), port, "sample") == 1
    text = capsys.readouterr()
    assert text.out == ""
    assert f"Port {port} can't be had: address already in use." in text.err
    assert "figshare-bot playground --port 0" in text.err
