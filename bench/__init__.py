"""The benchmarks: every figure beside a baseline measured in the same run. See docs/performance.md.

A measurement is a module of this package with `SUBJECT` and `measure(stage, sizes)`.
"""
