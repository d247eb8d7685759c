"""The doors to Slack: they differ only in how they make an `Ask` and where its `Reply` goes."""
