"""The kernel, package by package."""
