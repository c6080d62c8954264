"""How fast the kit and the reference stores are. Not part of the default run.

`python -m tests.benchmarks` measures with pytest-benchmark, and writes docs/performance.json, the
page docs/performance.md and its picture. The files `bench_*.py` contain the benchmarks.
"""
