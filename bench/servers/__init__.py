"""What a benchmark compares with: small servers, each its own process."""
