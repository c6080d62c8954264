"""The verdict in every format: the terminal, JSON, HTML, Markdown, SARIF, GitLab, GitHub, a badge,
and scripts that reproduce a failure.
"""
