"""An exam on paper: the question, the key, the booklet, the answer sheet and the rubric."""
