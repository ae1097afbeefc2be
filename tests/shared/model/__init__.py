"""Messages, deciders, projections and their test kit."""
