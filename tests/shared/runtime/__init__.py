"""Declaration, kernel, host and health."""
