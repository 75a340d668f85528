"""A linear programme with integers, whatever it is about: built row by row, cut, solved by HiGHS, and said how good."""
