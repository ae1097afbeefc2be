"""A CV in and out."""
