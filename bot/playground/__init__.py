"""The playground: the real bot behind a page that looks like a Slack channel."""
