"""The mixed-integer linear programme: built with PuLP, solved by HiGHS."""
