"""Why a command was not even carried out, in every language; what a service answers is its own wording."""
