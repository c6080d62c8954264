"""What the tests judge stores with: in this process (`in_process`), or by a run of pytest."""
