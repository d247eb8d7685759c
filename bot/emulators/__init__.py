"""Servers on loopback with the APIs of Figshare and of Slack, for the playground and the tests."""
