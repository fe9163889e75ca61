"""Where do answers come from, and where do marks go? Files as students, spreadsheets and course platforms have them.

Nothing here knows what is right: an answer is the text that somebody typed.
"""
