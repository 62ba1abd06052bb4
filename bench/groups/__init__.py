"""What is measured: one module per group of bench/bars.toml, each with `run(env)`."""
