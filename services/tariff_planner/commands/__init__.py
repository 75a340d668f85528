"""The command line's own commands: solve a problem file, backtest a year."""
