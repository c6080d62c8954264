"""`zohocrmsdk`, SDK lines 5 to 8: its door, and a program that uses it."""
