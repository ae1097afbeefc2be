"""Docker's engine on this machine, stand-ins for the images that docker-compose.yml names, and a trial of it."""
