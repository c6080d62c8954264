"""Stores to judge a judge by: an honest one, liars made of it, and correct ones of other makes."""
