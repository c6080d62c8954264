"""The checks for the older SDK, `zcrmsdk`: stores with five methods."""
