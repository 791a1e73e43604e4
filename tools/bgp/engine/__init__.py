"""Engines that turn MRT data into elems."""
