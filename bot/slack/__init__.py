"""Connects the bot to Slack: requests become questions and interactions, replies become messages."""
