"""The command line's own commands: train and evaluate on files, carry what was learnt to another machine."""
