"""Digests: statistics that are sent to a channel on a schedule, each of them once."""
