"""What is asked of each variant of an exam, and what is right? Questions of several kinds, from one trace."""
