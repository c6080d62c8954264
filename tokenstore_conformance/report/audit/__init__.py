"""An audit in the formats of a report: its data, and a module for each format.

Every format is made from the data of `json_file.report`, in which users, tokens and ids are masked.
"""
