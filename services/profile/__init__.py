"""Profile owns what candidates say about themselves once for all applications, and how complete it is."""
