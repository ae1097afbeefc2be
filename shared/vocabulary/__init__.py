"""What is filled in and searched: declared fields, reference lists, search criteria, and words. Pure."""
