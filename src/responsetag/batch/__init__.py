"""Files of paragraphs in, rows of labels out, one row a paragraph."""
