"""Logs in databases: a table, or the answer to a SELECT, read where it is or as a stream."""
