"""What committees do to the books: approve, withdraw, file, correct; each a function from books to new files."""
