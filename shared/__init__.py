"""The kernel: all that touches the world, written once for every service."""
