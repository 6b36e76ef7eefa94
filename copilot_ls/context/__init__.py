"""What goes into a prompt besides the open file: snippets from sources, one file each, gathered under a deadline."""
