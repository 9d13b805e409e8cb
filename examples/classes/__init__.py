"""Made-up classes, one file per assignment: what each student wrote, under a name that says what it is."""
