"""Sandboxes for model-written programs; both tiers fail closed."""
