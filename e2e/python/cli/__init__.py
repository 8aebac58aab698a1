"""The differential test of the command line: the same words given to `aws` and to `switchboard`."""
