"""The subcommands of ``ems``, a module each."""
