"""The buttons below a digest."""

from bot.reply import Button


def adopt(id: int, label: str = "Adopt") -> Button:
    """Offer a digest whose owner has left to everybody in its channel."""
    return Button(label, action="digest.adopt", value=str(id), style="primary")


def change_or_stop(id: int) -> tuple[Button, Button]:
    """Give the two buttons that stand below everything about a digest."""
    return (
        Button("Change", action="digest.change", value=str(id)),
        Button(
            "Stop", action="digest.stop", value=str(id), confirm="End this digest for good? Pause keeps it."
        ),
    )
