"""What a learner has predicted, asked for and proved: kept in one file next to the notebooks, and nowhere else."""
