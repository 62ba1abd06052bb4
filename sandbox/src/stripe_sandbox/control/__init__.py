"""What tests and developers steer: time, webhooks, faults, made-up history."""
