"""nbgrader's database: where it is, and one transaction for each submission."""
