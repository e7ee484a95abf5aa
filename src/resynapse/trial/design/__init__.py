"""Sizes, bounds and rules of a trial, before it begins and while it runs."""
