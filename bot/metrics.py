"""What `/metrics` shows: commands, latency, the cache and upstream; never a person, a channel or an item."""

from collections.abc import Collection
from http import HTTPStatus

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_STATUSES = frozenset(str(status.value) for status in HTTPStatus)
# What Slack sends to apps, and this bot has no use for: https://docs.slack.dev/reference/events and
# https://docs.slack.dev/reference/interaction-payloads
_SLACK_KINDS = frozenset(
    {
        "app_home_opened",
        "app_mention",
        "app_rate_limited",
        "app_uninstalled",
        "block_actions",
        "block_suggestion",
        "entity_details_requested",
        "event_callback",
        "function_executed",
        "interactive_message",
        "link_shared",
        "member_joined_channel",
        "message",
        "message_action",
        "shortcut",
        "tokens_revoked",
        "view_closed",
    }
)
_SECONDS = (0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 3, 5, 10, 20, 25)


class Metrics:
    """The counters of one process; `names` are the known commands, every other one is counted as "unknown".

    Nothing that a requester chooses becomes a label: each new label stays in memory.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = frozenset(names)
        self.registry = CollectorRegistry()
        self._commands = Counter(
            "figshare_bot_commands", "Questions answered.", ("command", "outcome"), registry=self.registry
        )
        self._seconds = Histogram(
            "figshare_bot_command_seconds",
            "Time to an answer.",
            ("command",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._digests = Counter(
            "figshare_bot_digests", "Digests by what became of them.", ("outcome",), registry=self.registry
        )
        self._ignored = Counter(
            "figshare_bot_slack_ignored",
            "Requests of Slack that nothing answers.",
            ("kind",),
            registry=self.registry,
        )
        self._cache = Counter(
            "figshare_bot_cache", "Answers by where they came from.", ("outcome",), registry=self.registry
        )
        self._upstream = Counter(
            "figshare_bot_upstream", "Requests to Figshare.", ("api", "status"), registry=self.registry
        )
        self._upstream_seconds = Histogram(
            "figshare_bot_upstream_seconds",
            "Time of a request to Figshare.",
            ("api",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        # Looking up a labelled child takes longer than counting with it.
        self._answer_children: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
        self._cache_children: dict[str, Counter] = {}

    def count_answer(self, command: str, outcome: str, seconds: float) -> None:
        """Count an answered question."""
        child = self._answer_children.get((command, outcome))
        if child is None:
            known = command if command in self._names else "unknown"
            child = self._commands.labels(known, outcome), self._seconds.labels(known)
            self._answer_children[known, outcome] = child
        child[0].inc()
        child[1].observe(seconds)

    def count_digest(self, outcome: str) -> None:
        """Count a digest that was sent or given up; what follows a colon in `outcome` is left out."""
        self._digests.labels(outcome.partition(":")[0]).inc()

    def count_ignored(self, kind: object) -> None:
        """Count a request of Slack that nothing answers: its type, or that of its event."""
        is_known = isinstance(kind, str) and kind in _SLACK_KINDS
        self._ignored.labels(kind if is_known else "unknown").inc()

    def count_cache_outcome(self, outcome: str) -> None:
        """Count where an answer came from: the cache's word for it."""
        child = self._cache_children.get(outcome)
        if child is None:
            child = self._cache_children[outcome] = self._cache.labels(outcome)
        child.inc()

    def count_request(self, api: str, status: str, seconds: float) -> None:
        """Count a request to Figshare by the status of its response, or by the class of its error."""
        if status[:1].isdigit() and status not in _STATUSES:
            status = "unknown"
        self._upstream.labels(api, status).inc()
        self._upstream_seconds.labels(api).observe(seconds)

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
