"""Nothing lost, nothing twice: faults of the world around the separate services, one driver and one oracle for all."""
