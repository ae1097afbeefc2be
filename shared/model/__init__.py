"""What services are written in: messages, deciders, projections, reactions, refusals and their test kit. Pure."""
