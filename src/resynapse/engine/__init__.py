"""Time, randomness, steps and batches; names no drug."""
