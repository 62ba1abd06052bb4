"""Small servers that benchmarks compare with, each in its own process."""
