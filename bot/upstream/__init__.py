"""What stands between the client and Figshare: the cache and the rate limit."""
