"""How the tests judge stores: in this process (`in_process`), or by a run of pytest."""
