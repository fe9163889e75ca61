"""How does an exam reach its directory: which files in which formats, and the manifest?"""
