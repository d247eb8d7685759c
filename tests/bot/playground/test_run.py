"""The playground where somebody else has its port."""

import socket

from bot.__main__ import figshare
from bot.commands import Commands
from bot.playground import run
from bot.settings import Settings
from handlers import MODULES


async def test_a_port_that_is_taken_is_named_with_what_would_work(capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert await run(Commands(MODULES), Settings(), figshare, port, "sample") == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert f"Port {port} can't be had: address already in use." in told.err
    assert "figshare-bot playground --port 0" in told.err
