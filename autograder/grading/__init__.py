"""One submission, one class: run, mark, record, in an order in which nothing is lost."""
