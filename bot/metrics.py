"""What `/metrics` tells: commands, latency, the cache and upstream; never a person, a channel or an item."""

from collections.abc import Collection
from http import HTTPStatus

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_STATUSES = frozenset(str(each.value) for each in HTTPStatus)
_SECONDS = (0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 3, 5, 10, 20, 25)


class Metrics:
    """The counters of one process; `names` are the commands that it tells apart, all others are "unknown".

    Nothing that somebody else chooses becomes a label: each new one would stay in memory for good.
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
        # Looking a labelled child up costs more than counting with it.
        self._children: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
        self._cached: dict[str, Counter] = {}

    def answered(self, command: str, outcome: str, seconds: float) -> None:
        """Count an answered question."""
        child = self._children.get((command, outcome))
        if child is None:
            known = command if command in self._names else "unknown"
            child = self._commands.labels(known, outcome), self._seconds.labels(known)
            self._children[known, outcome] = child
        child[0].inc()
        child[1].observe(seconds)

    def digested(self, outcome: str) -> None:
        """Count a digest that has come, or will not."""
        self._digests.labels(outcome.partition(":")[0]).inc()

    def cached(self, outcome: str) -> None:
        """Count where an answer came from."""
        child = self._cached.get(outcome)
        if child is None:
            child = self._cached[outcome] = self._cache.labels(outcome)
        child.inc()

    def asked(self, api: str, status: str, seconds: float) -> None:
        """Count a request to Figshare, by the status of its answer or the class of what prevented one."""
        if status[:1].isdigit() and status not in _STATUSES:
            status = "unknown"
        self._upstream.labels(api, status).inc()
        self._upstream_seconds.labels(api).observe(seconds)

    def text(self) -> bytes:
        """Write them as Prometheus reads them."""
        return generate_latest(self.registry)
