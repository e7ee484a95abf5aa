"""Conduct and results of a trial, and its design. Ask each part by its own name."""
