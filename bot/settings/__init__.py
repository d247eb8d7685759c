"""The configuration of a process, from environment variables."""

from bot.settings.parsers import checked_userinfo, is_loopback
from bot.settings.settings import InvalidSettings, Settings, secrets_in

__all__ = ["InvalidSettings", "Settings", "checked_userinfo", "is_loopback", "secrets_in"]
