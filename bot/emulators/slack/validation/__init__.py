"""What Slack refuses, in its words."""

from bot.emulators.slack.validation.blocks import (
    are_blocks_too_long,
    message_problems,
    suggestion_problems,
    view_problems,
)

__all__ = ["are_blocks_too_long", "message_problems", "suggestion_problems", "view_problems"]
