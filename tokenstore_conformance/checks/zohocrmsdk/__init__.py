"""The checks for the SDK lines 5 to 8, `zohocrmsdk`: stores with six methods."""
