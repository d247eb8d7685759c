"""What a digest says: the facts from Figshare, and the messages made of them."""
