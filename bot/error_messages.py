"""What an error says: for a FigshareError what happened and what to do, else a reference to the log."""

from bot.figshare.errors import (
    BadRequest,
    BlockedByFirewall,
    CredentialsMissing,
    CredentialsRejected,
    FigshareError,
    InvalidResponse,
    NotADraft,
    NotAllowed,
    NotFound,
    OaiError,
    OutcomeUnknown,
    QueueFull,
    StatisticsUnknown,
    TimedOut,
    TooManyRequests,
    Unreachable,
)
from bot.reply import Code, Reply, Text
from bot.text import capitalized, cut, safe

API_NAMES = {
    "rest": "Figshare",
    "stats": "Figshare's statistics service",
    "oai": "Figshare's OAI-PMH interface",
    "resourcesync": "the portal's ResourceSync address",
    "": "Figshare",
}
# For errors that carry no details of their own; `{api}` is the API that was asked.
_SENTENCES: dict[type[FigshareError], tuple[str, str]] = {
    NotFound: (
        "Figshare couldn't find that.",
        "It may be private, withdrawn, or it may never have existed. Figshare doesn't say which.",
    ),
    NotAllowed: (
        "{api} doesn't give me access to this.",
        "Ask the person who runs this bot to check the token or password.",
    ),
    CredentialsMissing: (
        "A portal's statistics need FIGSHARE_STATS_USERNAME and FIGSHARE_STATS_PASSWORD, which Figshare "
        "support gives out.",
        "Ask the person who runs this bot to set them.",
    ),
    CredentialsRejected: (
        "Figshare rejects FIGSHARE_STATS_USERNAME and FIGSHARE_STATS_PASSWORD for this portal.",
        "Ask the person who runs this bot to check them, and FIGSHARE_PORTAL.",
    ),
    StatisticsUnknown: (
        "I don't know where this Figshare's statistics are.",
        "Ask the person who runs this bot to set FIGSHARE_STATS_URL.",
    ),
    BlockedByFirewall: (
        "A firewall in front of {api} blocked me.",
        "It's about where I run, not about your question. Please try again in a few minutes.",
    ),
    TooManyRequests: ("{api} is asking me to slow down.", "Please try again in a minute."),
    OutcomeUnknown: (
        "Figshare didn't give a clear answer, so I can't tell whether it worked.",
        "Check the draft before trying again.",
    ),
    Unreachable: ("{api} isn't responding.", "Please try again in a minute."),
    InvalidResponse: (
        "{api} sent a response I couldn't read.",
        "Please try again later. The details are in the log.",
    ),
    TimedOut: ("Figshare hasn't answered yet.", "You can try again in a few seconds."),
}
_DEFAULT_SENTENCES = ("{api} couldn't be reached.", "Please try again later.")


def error_message(error: FigshareError) -> tuple[str, str]:
    """Return what happened and what to do, as two sentences."""
    api = API_NAMES.get(error.api, "Figshare")
    match error:
        case NotAllowed(api="stats") if type(error) is NotAllowed:
            return (
                "I don't have access to these statistics.",
                "Figshare gives out a portal's only with FIGSHARE_PORTAL and the portal's credentials: "
                "ask the person who runs this bot.",
            )
        case BadRequest():
            return (
                f"{capitalized(api)} rejected the request: {cut(safe(str(error)), 200)}",
                "Try rephrasing it.",
            )
        case NotADraft():
            return (
                f"{error.id} isn't a draft: it is, or has been, public.",
                "I can only change or delete drafts.",
            )
        case OaiError():
            return (
                f"OAI-PMH says {cut(safe(error.code), 60)}: {cut(safe(str(error)), 200)}",
                "Try rephrasing it.",
            )
        case QueueFull():
            return (
                f"There are {error.length} requests to Figshare ahead of yours; "
                "it allows about one per second.",
                "Please try again in a minute.",
            )
    title, detail = _SENTENCES.get(type(error), _DEFAULT_SENTENCES)
    return capitalized(title.replace("{api}", api)), detail


def internal_error_reply(reference: str) -> Reply:
    """Return the reply to an unexpected error; the log has its cause under the same reference."""
    return Reply(
        ("Something went wrong on my end.",),
        (
            Text(
                (
                    "Please try again. If it keeps happening, give this reference to the person who runs "
                    "this bot: ",
                    Code(reference),
                )
            ),
        ),
        outcome="failed",
    )
