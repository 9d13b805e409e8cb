"""What instructors do before a class: the audit of questions and mistakes, the release."""
