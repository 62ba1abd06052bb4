"""What every process shares: Postgres, health, logs, metrics, traces, worker loops. No Kafka, no HTTP."""
