"""What others build on: documents, schemas and messages as they are served, read by software that is not ours."""
