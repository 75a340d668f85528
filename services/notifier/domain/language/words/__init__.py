"""The words of both languages: what they mean, how they are misspelt, which only look like them."""
