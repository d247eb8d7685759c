"""What the bot is made of; knows nothing of `handlers`."""

from importlib.metadata import version as _version

version = _version("figshare-bot")
