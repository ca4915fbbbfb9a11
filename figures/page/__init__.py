"""What every drawing shares: style, checks of arguments, and where to write numbers."""
