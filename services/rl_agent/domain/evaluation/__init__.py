"""What the learners would have been worth in a home's past: lived through night by night, judged as the service does.

``walk_forward`` -> ``page``
"""
