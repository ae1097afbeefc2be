"""A service at work: its declaration, the kernel its doors receive, its loops, and the host of several."""
