"""Settings of a portal that the sample catalogue knows."""

LBORO = {
    "figshare_portal": "lboro",
    "figshare_institution": 2,
    "figshare_group": 20401,
    "figshare_stats_username": "lboro",
    "figshare_stats_password": "sample-lboro",
}
