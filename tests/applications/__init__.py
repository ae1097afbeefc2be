"""Applications: rules, views, reactions, doors."""
