"""What happened between us and Figshare, in sentences."""

from bot.figshare.errors import (
    BadRequest,
    BlockedByFirewall,
    FigshareError,
    InvalidResponse,
    NotADraft,
    NotAllowed,
    NotFound,
    OaiError,
    OutcomeUnknown,
    QueueFull,
    TimedOut,
    TooManyRequests,
    Unreachable,
)
from bot.text import capital, cut, safe

APIS = {
    "rest": "Figshare",
    "stats": "Figshare's statistics service",
    "oai": "Figshare's OAI-PMH interface",
    "resourcesync": "the portal's ResourceSync address",
    "": "Figshare",
}


def error_message(error: FigshareError) -> tuple[str, str]:
    """Give what happened and what to do, as two sentences."""
    api = APIS.get(error.api, "Figshare")
    match error:
        case NotFound():
            return (
                "Figshare knows no such thing.",
                "It may be private, withdrawn or never have existed: Figshare does not tell which.",
            )
        case NotAllowed() if error.api == "stats":
            return (
                "These statistics are not open to me.",
                "Whoever runs me can set FIGSHARE_STATS_URL, or for a portal FIGSHARE_STATS_USERNAME "
                "and FIGSHARE_STATS_PASSWORD.",
            )
        case NotAllowed():
            return (
                f"{capital(api)} does not let me see this.",
                "Whoever runs me can check the token or password.",
            )
        case BadRequest():
            return (
                f"{capital(api)} refused the question: {cut(safe(str(error)), 200)}",
                "Please put it another way.",
            )
        case BlockedByFirewall():
            return (
                f"A firewall in front of {api} turned me away.",
                "That is about where I ask from, not about your question. Please try again in some minutes.",
            )
        case TooManyRequests():
            return (f"{capital(api)} asks for a pause.", "Please try again in a minute.")
        case OutcomeUnknown():
            return (
                "Figshare gave no clear answer, so I don't know whether it was done.",
                "Please look at the draft before you try again.",
            )
        case NotADraft():
            return (
                f"{error.id} is not a draft: it is public, or was.",
                "I change and delete drafts only.",
            )
        case Unreachable():
            return (f"{capital(api)} does not answer.", "Please try again in a minute.")
        case InvalidResponse():
            return (
                f"{capital(api)} sent something I can't read.",
                "Please try again later; whoever runs me finds more in the log.",
            )
        case OaiError():
            return (
                f"OAI-PMH says {cut(safe(error.code), 60)}: {cut(safe(str(error)), 200)}",
                "Please put it another way.",
            )
        case QueueFull():
            return (
                f"Many questions wait for Figshare: {error.length} before yours.",
                "It may be asked about once a second. Please try again in a minute.",
            )
        case TimedOut():
            return ("Figshare has not answered yet.", "I keep waiting for it: try again in some seconds.")
    return (f"{capital(api)} could not be asked.", "Please try again later.")
