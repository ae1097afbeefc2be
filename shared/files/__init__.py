"""Files that people send and receive: uploads, PDF documents, and what a service hands out about somebody."""
