"""Statistics that come to a channel on schedule, once."""
