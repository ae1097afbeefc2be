"""Uploads, PDF and data exports."""
