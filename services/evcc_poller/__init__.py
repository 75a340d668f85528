"""The only one that talks to evcc: polls facts in, carries decisions out."""
