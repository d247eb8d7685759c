"""The playground where somebody else has its port."""

import socket

from bot.commands import CommandRegistry
from bot.playground.app import run_playground
from bot.settings import Settings
from handlers import MODULES


async def test_taken_port_is_named_with_a_way_out(capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert await run_playground(CommandRegistry(MODULES), Settings(), port, "sample") == 1
    text = capsys.readouterr()
    assert text.out == ""
    assert f"Port {port} is in use." in text.err
    assert "figshare-bot playground --port 0" in text.err
