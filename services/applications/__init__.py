"""Owns application files: drafts, their attachments, submission, withdrawal, and what HR decides about them."""
