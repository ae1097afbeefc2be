"""The platform on one machine: installation, servers, mailbox, options."""
