"""Other processes that use the same storage, kill signals, and outages of the backend."""
