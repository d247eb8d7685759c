"""The configuration of a process, from environment variables."""

from bot.settings.ours import OursNeed, is_set_up, ours_need, unset_sentence
from bot.settings.parsers import checked_userinfo, is_loopback
from bot.settings.settings import InvalidSettings, Settings, secrets_in

__all__ = [
    "InvalidSettings",
    "OursNeed",
    "Settings",
    "checked_userinfo",
    "is_loopback",
    "is_set_up",
    "ours_need",
    "secrets_in",
    "unset_sentence",
]
