"""Postulo on Kubernetes: manifests for Kustomize; `python -m deploy.kubernetes` writes those that follow from code."""
