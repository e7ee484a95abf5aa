"""The model's own functions as a SIMD kernel for the processor at hand; names no drug."""
