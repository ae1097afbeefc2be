"""The kernel's properties, on the real servers."""
