"""The steps that bring a database of any earlier version up to `routing.requests.tables`.

A new step is a module in `versions`, named and written like the one before it, whose `down_revision` is the revision
of that one. A test compares what the steps build with the tables, on both databases.
"""
