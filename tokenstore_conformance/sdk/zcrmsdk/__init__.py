"""`zcrmsdk`, the older generation: its door, and a program that uses it."""
