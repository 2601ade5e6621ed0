"""Other ways to hash texts, which WISH is compared with (docs/reproduction.md)."""
