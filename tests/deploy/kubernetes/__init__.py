"""How the manifests are looked at: by schemas in every test run, by a real API server in `make kubernetes`."""
