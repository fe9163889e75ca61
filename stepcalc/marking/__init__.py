"""Marking: every answer is judged against its own step on the student's own earlier numbers."""
