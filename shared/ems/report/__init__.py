"""What the reports of a backtest and of a training are made of: a page, cards, tables, pictures. Pure."""
