"""Data sets of what this machine has recorded: preferences for training where texts were stored, tables for analysis.

Called by `cli.export` alone. Reads what `text_files`, the fixes' transcripts and the telemetry store have; sends
nothing.
"""
