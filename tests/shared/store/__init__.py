"""The event store and the documents of views, on a real database."""
