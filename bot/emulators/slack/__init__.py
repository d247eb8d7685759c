"""A Slack on loopback: people, channels, the Web API and signed requests."""

from bot.emulators.slack.api import slack_emulator
from bot.emulators.slack.workspace import Workspace

__all__ = ["Workspace", "slack_emulator"]
