"""What is wrong with a service, as its health tells it: reasons, and their words in every language."""
