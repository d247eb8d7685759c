"""A client for Figshare's four public APIs: REST v2, Stats, OAI-PMH and ResourceSync."""
