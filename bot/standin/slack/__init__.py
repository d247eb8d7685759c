"""A Slack that ships with the bot: people, channels, the Web API and signed requests, without Slack."""

from bot.standin.slack.workspace import Workspace

__all__ = ["Workspace"]
