"""Pages, forms, mails and catalogues."""
