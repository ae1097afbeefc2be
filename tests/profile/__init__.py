"""Profiles: rules, views, reactions, doors."""
