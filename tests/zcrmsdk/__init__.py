"""The contract of the older generation, `zcrmsdk`: its checks, honest stores, and liars."""
