"""The buttons below a digest."""

from bot.reply import Button


def adopt_button(id: int, label: str = "Adopt") -> Button:
    """Return the button by which anybody in its channel takes over a digest whose owner has left."""
    return Button(label, action="digest.adopt", value=str(id), style="primary")


def change_and_stop_buttons(id: int) -> tuple[Button, Button]:
    """Return the two buttons that stand below every message about a digest."""
    return (
        Button("Change", action="digest.change", value=str(id)),
        Button(
            "Stop",
            action="digest.stop",
            value=str(id),
            confirm="Delete this digest? To keep it for later, pause it.",
        ),
    )
