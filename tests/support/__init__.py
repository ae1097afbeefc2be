"""Support tickets: rules, views, reactions, doors."""
