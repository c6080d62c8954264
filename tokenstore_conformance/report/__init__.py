"""The verdict for people and for programs: the terminal, JSON, and scripts that reproduce it."""
