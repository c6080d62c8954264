"""Stores that the documentation points at: the article's sample, and one on a server."""
